/** The immutable snapshot, shown as metrics, API, page, JSON and text. */
@NullMarked
package io.leakwatch.export;

import org.jspecify.annotations.NullMarked;
