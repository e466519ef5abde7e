#!/bin/sh
# /usr/bin/leakwatch: the agent with the memory bounds it is meant to run with. Beside the jar there may
# be a runtime and the native libraries, unpacked; where there is no runtime, the node's Java runs it.
home=${LEAKWATCH_HOME:-/usr/lib/leakwatch}
# What the agent's heap must hold follows from its configuration: `leakwatch check` says how much, and
# /etc/default/leakwatch may say LEAKWATCH_HEAP=100m, and LEAKWATCH_JAVA=FILE where it is to be another
# Java than the one found here. The environment comes first.
heap=${LEAKWATCH_HEAP-} java=${LEAKWATCH_JAVA-}
[ ! -r /etc/default/leakwatch ] || . /etc/default/leakwatch
LEAKWATCH_HEAP=${heap:-${LEAKWATCH_HEAP-}}
export LEAKWATCH_HEAP="${LEAKWATCH_HEAP:-92m}"
java=${java:-${LEAKWATCH_JAVA-}}

# Whether a Java is new enough, by the file that lies in its home or else by its own word.
is_recent() { # JAVA
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' \
    "$(dirname "$(readlink -f "$1")")/../release" 2>/dev/null)
  [ -n "$version" ] || version=$("$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ]
}
[ -n "$java" ] || [ ! -x "$home/runtime/bin/java" ] || java=$home/runtime/bin/java
if [ -z "$java" ]; then
  # An older Java may be the first of the PATH, with one that will do beside it.
  for candidate in "$(command -v java)" /usr/lib/jvm/*/bin/java; do
    if [ -x "$candidate" ] && is_recent "$candidate"; then
      java=$candidate
      break
    fi
  done
fi
if [ -z "$java" ]; then
  echo "leakwatch: no Java 17 or newer on the PATH or below /usr/lib/jvm; install one, or name it by" \
    "LEAKWATCH_JAVA=FILE in /etc/default/leakwatch" >&2
  exit 1
fi

natives=$home native=
[ -e "$natives/libjnidispatch.so" ] || natives=$home/$(uname -m)
[ ! -e "$natives/libjnidispatch.so" ] ||
  native="-Djna.boot.library.path=$natives -Djna.nounpack=true -Dorg.sqlite.lib.path=$natives"
# Every command speaks of this node's configuration unless --config.file names another.
configuration=/etc/leakwatch/leakwatch.conf
[ -n "${LEAKWATCH_CONFIG_FILE-}" ] || [ ! -r $configuration ] ||
  export LEAKWATCH_CONFIG_FILE=$configuration
# The gateway holds answers on their way and nothing else. Any other command does one thing and ends.
case ${1-} in
  run) heap=$LEAKWATCH_HEAP ;;
  gateway) heap=16m ;;
  *) heap=128m ;;
esac
# One arena, and freed memory goes back soon: a small daemon gains nothing from either.
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072

# Not a command of the program: the program's classes in the form in which the JVM maps them, for less
# private memory and a faster start. Made on the node, for the archive is bound to the very files of the
# JVM and the jar. Once the node's own Java has been updated it is no longer used, until this is run
# again. Without it the agent works as well.
if [ "${1-}" = --archive-classes ]; then
  archive=$home/leakwatch.jsa
  umask 022
  rm -f "$archive.new"
  if "$java" -Xshare:dump -XX:+UseSerialGC -Xmx128m -XX:-UsePerfData -Xlog:disable \
    "-XX:SharedClassListFile=$home/leakwatch.classlist" "-XX:SharedArchiveFile=$archive.new" \
    -cp "$home/leakwatch.jar" >/dev/null 2>&1; then
    mv -f "$archive.new" "$archive" && chmod 644 "$archive"
    exit
  fi
  rm -f "$archive.new" "$archive"
  echo "leakwatch: cannot create the archive of classes; the agent starts without it" >&2
  exit 1
fi

# The heap grows late and shrinks soon, so that the process is as large as what it holds. What runs a
# few times a minute is not worth compiling: that takes more time and memory than it saves. Nor is there
# anything to be tidied up four times a second.
# ArchiveRelocationMode=0: the archive of classes lies where it was made for, so that agent and gateway
# share its pages; moved, it is 20 MiB more of each one's own.
# shellcheck disable=SC2086
exec "$java" -XX:+UseSerialGC -Xms4m "-Xmx$heap" -Xmn2m -Xss256k -XX:MinHeapFreeRatio=15 \
  -XX:MaxHeapFreeRatio=30 -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=4 \
  -XX:ReservedCodeCacheSize=24m -XX:MaxMetaspaceSize=64m -XX:-UsePerfData \
  -XX:+UnlockDiagnosticVMOptions -XX:+IgnoreUnrecognizedVMOptions \
  -XX:GuaranteedSafepointInterval=60000 -XX:AsyncDeflationInterval=60000 \
  -XX:ArchiveRelocationMode=0 -Xshare:auto "-XX:SharedArchiveFile=$home/leakwatch.jsa" \
  -Xlog:disable -Xlog:all=error:stderr $native -jar "$home/leakwatch.jar" "$@"
