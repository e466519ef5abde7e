package io.leakwatch.proc.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cgroup paths that container engines make. */
final class ContainerTest {
  private static final String ID =
      "0c7f6d4a31be5a8e6f2b9c0d1e3f40516273849aabbccddeeff0011223344556";
  private static final String OTHER =
      "f1e2d3c4b5a60718293a4b5c6d7e8f901122334455667788990a0b0c0d0e0f10";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/docker/ID",
        "/system.slice/docker-ID.scope",
        "/system.slice/docker-ID.scope/init",
        "/kubepods/burstable/pod7e1f6a0a-1c1d-4a55-9a0e-2f0e3c9b1f11/ID",
        "/kubepods.slice/kubepods-pod7e1f6a0a.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-pod7e1f6a0a.slice/crio-ID.scope",
        "/system.slice/containerd.service/kubepods-pod7e1f6a0a.slice:cri-containerd:ID",
        "/machine.slice/libpod-ID.scope/container",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope",
        "/../../kubepods-pod1.slice/cri-containerd-ID.scope",
        "/docker/OTHER/docker/ID",
        "/ecs/1a2b3c4d/ID"
      })
  void shouldTellTheIdThatPeopleKnow(String path) {
    String cgroup = path.replace("ID", ID).replace("OTHER", OTHER);
    assertEquals("0c7f6d4a31be", Container.of(List.of("/", cgroup)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/machine.slice/machine-web1.scope/payload",
        "/lxc.payload.web1/system.slice/x.service",
        "/lxc/web1"
      })
  void shouldTellTheNameWhereThereIsNoId(String path) {
    assertEquals("web1", Container.of(List.of(path)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "",
        "/system.slice/docker.service",
        "/machine.slice/libpod-conmon-ID.scope",
        "/system.slice/crio-conmon-ID.scope",
        "/process_api/fcce627954cabf9a40ace6dbe737d9df",
        "/longer-0ID0",
        "/user.slice/session-1.scope"
      })
  void shouldSeeNoContainerWhereThereIsNone(String path) {
    assertEquals("", Container.of(List.of(path.replace("ID", ID))));
  }
}
