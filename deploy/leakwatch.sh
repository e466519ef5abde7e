#!/bin/sh
# /usr/bin/leakwatch: the agent with the memory bounds it is meant to run with.
export MALLOC_ARENA_MAX=1
exec java -XX:+UseSerialGC -Xms4m -Xmx32m -Xmn2m -Xss256k -XX:TieredStopAtLevel=1 \
  -XX:ReservedCodeCacheSize=24m -XX:MaxMetaspaceSize=64m -XX:-UsePerfData \
  -jar /usr/lib/leakwatch/leakwatch.jar "$@"
