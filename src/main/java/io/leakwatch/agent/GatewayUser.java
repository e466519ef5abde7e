package io.leakwatch.agent;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * The unprivileged user that the installed gateway runs as. The agent may read every file, and root
 * who checks a configuration, too; this user needs a permission.
 */
public final class GatewayUser {
  public static final GatewayUser INSTALLED = new GatewayUser("leakwatch-gateway", "leakwatch");

  private final String user;
  private final String group;

  public GatewayUser(String user, String group) {
    this.user = user;
    this.group = group;
  }

  /** Whether there is such a user here; in a container there is none. */
  public boolean exists() {
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the modes of a file and of all directories above it let this user read it. */
  public boolean mayRead(Path file) throws IOException {
    Path real = file.toRealPath();
    boolean may =
        has(
            real,
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    for (Path above = real.getParent(); may && above != null; above = above.getParent()) {
      may =
          has(
              above,
              PosixFilePermission.OWNER_EXECUTE,
              PosixFilePermission.GROUP_EXECUTE,
              PosixFilePermission.OTHERS_EXECUTE);
    }
    return may;
  }

  private boolean has(
      Path path,
      PosixFilePermission asOwner,
      PosixFilePermission asGroup,
      PosixFilePermission asOther)
      throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
    Set<PosixFilePermission> modes = attributes.permissions();
    if (attributes.owner().getName().equals(user)) {
      return modes.contains(asOwner);
    }
    return modes.contains(attributes.group().getName().equals(group) ? asGroup : asOther);
  }

  @Override
  public String toString() {
    return "the gateway's user " + user + ", group " + group + ",";
  }
}
