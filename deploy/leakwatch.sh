#!/bin/sh
# /usr/bin/leakwatch: the agent with the memory bounds it is meant to run with. The package has a
# runtime and unpacked native libraries beside the jar; where there is the jar alone, the java of the
# PATH runs it.
home=/usr/lib/leakwatch
java=$home/runtime/bin/java
[ -x "$java" ] || java=java
native=
[ ! -e $home/libjnidispatch.so ] ||
  native="-Djna.boot.library.path=$home -Djna.nounpack=true -Dorg.sqlite.lib.path=$home"
# Every command speaks of this node's configuration unless --config.file names another.
configuration=/etc/leakwatch/leakwatch.conf
[ -n "${LEAKWATCH_CONFIG_FILE-}" ] || [ ! -r $configuration ] ||
  export LEAKWATCH_CONFIG_FILE=$configuration
# The gateway holds answers on their way and nothing else: where that is too much, it begins anew.
heap=-Xmx32m
[ "${1-}" != gateway ] || heap='-Xmx16m -XX:+ExitOnOutOfMemoryError'
# One arena, and freed memory goes back soon: a small daemon gains nothing from either.
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
# ArchiveRelocationMode=0: the archive of classes lies where it was made for, so that agent and gateway
# share its pages; moved, it is 20 MiB more of each one's own.
# shellcheck disable=SC2086
exec "$java" -XX:+UseSerialGC -Xms4m $heap -Xmn2m -Xss256k -XX:TieredStopAtLevel=1 \
  -XX:ReservedCodeCacheSize=24m -XX:MaxMetaspaceSize=64m -XX:-UsePerfData \
  -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -Xshare:auto \
  -XX:SharedArchiveFile=$home/leakwatch.jsa -Xlog:disable -Xlog:all=error:stderr \
  $native -jar $home/leakwatch.jar "$@"
