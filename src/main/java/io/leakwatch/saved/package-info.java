/**
 * What somebody has saved of a process and sent: a directory of /proc, a whole tree of them, or the
 * output of one command. Core files have a room of their own below. Files come in, identities and
 * mapping tables go out. Everything in it is foreign; nothing of this machine's processes is read.
 */
@NullMarked
package io.leakwatch.saved;

import org.jspecify.annotations.NullMarked;
