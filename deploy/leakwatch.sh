#!/bin/sh
# /usr/bin/leakwatch: the agent with the memory bounds it is meant to run with. The package has a
# runtime and unpacked native libraries beside the jar; where there is the jar alone, the java of the
# PATH runs it.
home=${LEAKWATCH_HOME:-/usr/lib/leakwatch}
java=$home/runtime/bin/java
[ -x "$java" ] || java=java
native=
[ ! -e "$home/libjnidispatch.so" ] ||
  native="-Djna.boot.library.path=$home -Djna.nounpack=true -Dorg.sqlite.lib.path=$home"
# Every command speaks of this node's configuration unless --config.file names another.
configuration=/etc/leakwatch/leakwatch.conf
[ -n "${LEAKWATCH_CONFIG_FILE-}" ] || [ ! -r $configuration ] ||
  export LEAKWATCH_CONFIG_FILE=$configuration
# What the agent's heap must hold follows from its configuration: `leakwatch check` says how much, and
# /etc/default/leakwatch may say LEAKWATCH_HEAP=100m. The gateway holds answers on their way and nothing
# else. Any other command does one thing and ends.
[ -n "${LEAKWATCH_HEAP-}" ] || [ ! -r /etc/default/leakwatch ] || . /etc/default/leakwatch
export LEAKWATCH_HEAP="${LEAKWATCH_HEAP:-92m}"
case ${1-} in
  run) heap=$LEAKWATCH_HEAP ;;
  gateway) heap=16m ;;
  *) heap=128m ;;
esac
# One arena, and freed memory goes back soon: a small daemon gains nothing from either.
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
# The heap grows late and shrinks soon, so that the process is as large as what it holds.
# ArchiveRelocationMode=0: the archive of classes lies where it was made for, so that agent and gateway
# share its pages; moved, it is 20 MiB more of each one's own.
# shellcheck disable=SC2086
exec "$java" -XX:+UseSerialGC -Xms4m "-Xmx$heap" -Xmn2m -Xss256k -XX:MinHeapFreeRatio=15 \
  -XX:MaxHeapFreeRatio=30 -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=24m \
  -XX:MaxMetaspaceSize=64m -XX:-UsePerfData -XX:+UnlockDiagnosticVMOptions \
  -XX:ArchiveRelocationMode=0 -Xshare:auto "-XX:SharedArchiveFile=$home/leakwatch.jsa" \
  -Xlog:disable -Xlog:all=error:stderr $native -jar "$home/leakwatch.jar" "$@"
