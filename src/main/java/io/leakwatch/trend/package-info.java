/**
 * How a process grows: pure mathematics over samples.
 *
 * <h2>The question</h2>
 *
 * A figure is sampled: the anonymous working set of a process, what its allocator has in use, its
 * mappings. Two things are asked of it. Is it on its way into a limit (a <em>danger</em>)? And does
 * it grow without bound (a <em>leak</em>)? Both are read from the same windows, by the same shapes.
 *
 * <h2>The window</h2>
 *
 * {@link io.leakwatch.trend.Course} keeps the lowest value of each minute, of each twelfth of an
 * hour and of each hour. A window is eight equal blocks of them, from eight minutes to 24 days
 * long, and each block is its lowest value. Garbage, bursts and batches vanish from a block once it
 * is as long as they are apart: no collector, no batch and no period is modelled, the longer
 * windows see through them. Where memory follows the load or the hour of the day, that part is
 * taken away before a leak is searched for ({@link io.leakwatch.trend.load.LoadPart}, {@link
 * io.leakwatch.trend.DailyProfile}); windows with blocks of a whole day need neither.
 *
 * <p>{@link io.leakwatch.trend.Templates} is a fixed bank of shapes that eight floors can have: it
 * grows now (a line, a late line, one that gets steeper, one under a warm-up), it bends or has
 * stopped (an exponential, a ramp with an end, a wave), it stepped. {@link
 * io.leakwatch.trend.Shape} compares them by their likelihood in noise of an unknown width, which
 * gives the probability that it grows at the window's end, for how long it has, and how fast. It
 * also says how much straighter the eight floors are than a random walk would be: seven increments
 * of a walk are of both signs, or unequal.
 *
 * <h2>What decides about a leak</h2>
 *
 * That something grows now is not yet a leak. A cache that fills looks the same, at every sample,
 * until it is full; no test can distinguish them, and a better one only sees sooner that it cannot.
 * What can be known is how rare such growth is where nothing leaks, and that is compared with a
 * budget of false alarms. {@link io.leakwatch.trend.Rarity} adds it up in nats:
 *
 * <ul>
 *   <li><em>In the population</em>, fills of all lengths are about equally frequent on a
 *       logarithmic scale: what has lasted twice as long without a bend is half as frequent. Growth
 *       since birth that has not bent for two days is as rare as the budget allows.
 *   <li><em>In this process</em>, each day that passed without such growth makes it rarer, each
 *       earlier rise of the kind more frequent (Laplace's rule of succession, with a population's
 *       half a day as its prior). The same window is slid back over all that is remembered; a
 *       former incarnation counts half. The process is as old as its start says, not as the watch
 *       is; what others of its build on the node have lived without growing now counts as such age
 *       does, for what began after its first day. A size that it states on its command line
 *       announces a fill up to there: below it a fill is twice as probable, and a danger beyond it
 *       half.
 *   <li><em>In its noise</em>, it must be straighter than a random walk would be. From the fourth
 *       day on {@link io.leakwatch.trend.OwnPast} knows more: each block is compared with the same
 *       hours of up to twelve days before, so the noise and the daily load are learnt and not
 *       modelled, and the rise of the window becomes one standardised number whose spread this
 *       process has shown itself.
 *   <li><em>In former incarnations</em>: a fill ends by itself, a leak is ended by the restart.
 *       Incarnations in a row that grew at one pace until their end are one growth that was
 *       interrupted ({@link io.leakwatch.trend.FormerLives}).
 * </ul>
 *
 * The rarest of these that the growth must beat decides: its evidence is by how much it is rarer
 * than the budget, given as the number of days in which such growth is seen once without a leak.
 *
 * <h2>What decides about a danger</h2>
 *
 * {@link io.leakwatch.trend.DangerTest} reads the same posterior with the limit as its goal. Growth
 * that has lasted as long as it still has to go reaches the limit as often as not (Gott's rule,
 * which is the logarithmic scale again); an exponential reaches it where its plateau lies beyond.
 * What has been as high before, and lived, is no danger; nor is what a former incarnation held for
 * hours. How much probability is asked depends on how near the limit is and on how quiet it was
 * before: a burst in a process that never had one is reported in minutes, growth since birth must
 * be likelier than not by far. Single samples speak where a limit would be passed before a window
 * has filled: of a quarter of the limit at once, or at the pace at which a former incarnation ran
 * into it ({@link io.leakwatch.trend.FormerEnds}). The reported probability is calibrated on the
 * drawn population.
 *
 * <h2>What holds it together</h2>
 *
 * {@link io.leakwatch.trend.Track} is one figure through the incarnations of a process, {@link
 * io.leakwatch.trend.ResourceTrack} one resource with its limit, {@link
 * io.leakwatch.trend.Detector} all of them. A message stays until its evidence has been missing for
 * a while; a leak, as long as it keeps half of its pace. Words for what does not grow change only
 * after another one has held ({@link io.leakwatch.trend.QuietPattern}). Where nobody watched for
 * longer than usual nothing is judged, and nothing is taken back. Time comes from the samples
 * alone, so a restart of the agent restores the state from the history exactly. All times hang on
 * one, the hour of {@link io.leakwatch.trend.TrendSettings}.
 *
 * <p>The constants are few for a reason: three budgets (unbent hours, straightness, the same in
 * known noise), the population's weight, and shares that say from where on two rises are of one
 * kind. They were chosen on seeds below 1000 of the drawn population and on one half of the real
 * series; {@code mvn -Pbenchmark-detection verify} measures on others.
 */
@NullMarked
package io.leakwatch.trend;

import org.jspecify.annotations.NullMarked;
