package io.leakwatch.alert;

import io.leakwatch.verdict.Verdict;
import java.time.Instant;

/**
 * The facts that the text of an alert is made of.
 *
 * @param process configured instance name
 * @param since when the severity began
 * @param anonymousBytes now, {@code NaN} when unknown
 * @param arenasFrom arenas when the growth began, {@code NaN} when unknown
 * @param arenasTo arenas now, {@code NaN} when unknown
 * @param suspect what grows, in one line, {@code ""} while that is unknown
 * @param incident id of the evidence, {@code ""} where none is kept
 */
public record AlertFacts(
    String process,
    int pid,
    Verdict verdict,
    Severity severity,
    Instant since,
    double anonymousBytes,
    double arenasFrom,
    double arenasTo,
    String suspect,
    String incident) {}
