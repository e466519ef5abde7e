#!/bin/sh
# prefixed_jemalloc.sh LIBRARY.a OUT.o: a static jemalloc whose public names begin with own_.
set -e
names=$(mktemp); whole=$(mktemp); trap 'rm -f "$names" "$whole"' EXIT
nm -g --defined-only "$1" 2>/dev/null | awk 'NF==3 && $2 ~ /[TWVBD]/ && $3 ~ /^(malloc|calloc|realloc|free|posix_memalign|aligned_alloc|memalign|valloc|pvalloc|mallocx|rallocx|xallocx|sallocx|dallocx|sdallocx|nallocx|mallctl|mallctlnametomib|mallctlbymib|malloc_[a-z_]*|cfree|__libc_[a-z]*|__posix_memalign|__[a-z]*_hook|_Z.*)$/ {print $3, "own_" $3}' | sort -u > "$names"
ld -r --whole-archive "$1" -o "$whole"
objcopy --redefine-syms="$names" "$whole" "$2"
