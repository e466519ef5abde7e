package io.leakwatch.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.config.Defaults;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the end of a look means for its incident. */
class DiagnosisChildTest {

  private static SupervisedChild.End ended(int status, String output, String errors) {
    return new SupervisedChild.End(true, status, output, false, errors);
  }

  static Stream<Arguments> shouldSayWhyThereIsNothingToShow() {
    return Stream.of(
        Arguments.of(ended(0, "{}", "a warning"), new DiagnosisResult.Found("{}")),
        Arguments.of(
            ended(0, "\n", ""), new DiagnosisResult.Failed("the diagnosis printed" + " nothing")),
        Arguments.of(
            ended(2, "", "OpenJDK warning: x\nleakwatch: /etc/x.conf:2: no such key"),
            new DiagnosisResult.NotRead(
                "the diagnosis was refused: /etc/x.conf:2: no such key", true)),
        Arguments.of(
            ended(3, "", "leakwatch: pid 7 now belongs to another process"),
            new DiagnosisResult.NotRead("pid 7 now belongs to another process", false)),
        Arguments.of(
            ended(
                1,
                "",
                "a warning\nException in thread \"main\" java.lang.OutOfMemoryError: heap\n\tat x"),
            new DiagnosisResult.Failed(
                "the diagnosis needs more heap than" + " diagnosis.memory-bytes")),
        Arguments.of(
            ended(1, "", "first\nsecond"),
            new DiagnosisResult.Failed("the diagnosis failed (status 1): first")),
        Arguments.of(
            ended(137, "", ""),
            new DiagnosisResult.Failed(
                "the diagnosis was killed by signal 9, as the kernel does when memory is short")),
        Arguments.of(
            ended(139, "", ""),
            new DiagnosisResult.Failed("the diagnosis was killed by signal" + " 11")),
        Arguments.of(
            new SupervisedChild.End(false, -1, "{", false, ""),
            new DiagnosisResult.Failed("the diagnosis was stopped after 2 min")),
        Arguments.of(
            new SupervisedChild.End(false, -1, "{", true, ""),
            new DiagnosisResult.Failed(
                "the diagnosis found more than diagnosis.report-bytes-max" + " allows")));
  }

  @ParameterizedTest
  @MethodSource
  void shouldSayWhyThereIsNothingToShow(SupervisedChild.End end, DiagnosisResult expected) {
    assertEquals(expected, DiagnosisChild.result(end, Defaults.DIAGNOSIS));
  }
}
