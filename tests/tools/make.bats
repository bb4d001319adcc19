load ../lib

# A copy of the sources of one command, built with make, so that nobody's build is
# touched.
setup() {
	need make
	# What the make above was told is not for these.
	unset MAKEFLAGS MAKEOVERRIDES MFLAGS
	cd "$BATS_TEST_TMPDIR"
	source_tree one
}

source_tree() {
	mkdir -p "$1/tests" "$1/share"
	cp -R "$EMU_ROOT"/{Makefile,LICENSE,README.md,cmd,common,man} "$1"
	cp -R "$EMU_ROOT"/share/{completions,examples,flavors,patterns,recipes,schema,node-words,startup.img,targets.json} "$1/share"
	cp "$EMU_ROOT"/tests/deps.mk "$1/tests"
}

build() {
	make --no-print-directory -C "$@"
}

@test "a build prints a short line for each file, V=1 the command, -s nothing" {
	run -0 build one build/cmd/emu-scratch/emu-scratch.o
	[ "$output" = 'CC cmd/emu-scratch/emu-scratch.c' ]
	rm one/build/cmd/emu-scratch/emu-scratch.o
	run -0 build one V=1 build/cmd/emu-scratch/emu-scratch.o
	[[ ${lines[-1]} = *' -std=c17 '*' -c -o build/cmd/emu-scratch/emu-scratch.o '* ]]
	rm one/build/cmd/emu-scratch/emu-scratch.o
	run -0 build one -s build/cmd/emu-scratch/emu-scratch.o
	[ -z "$output" ]
}

@test "an object is made anew for other flags, and for another version or place" {
	objects='build/common/clock.o build/cmd/usage.o'
	# shellcheck disable=SC2086
	again() { run -0 build one "$@" $objects; }
	again
	[ "$output" = $'CC common/clock.c\nCC cmd/usage.c' ]
	again
	[[ $output = *'is up to date'* && $output != *CC* ]]
	again CFLAGS=-O1
	[ "$output" = $'CC common/clock.c\nCC cmd/usage.c' ]
	again CFLAGS=-O1 VERSION=0.2
	[[ $output = *'CC cmd/usage.c'* && $output != *clock.c* ]]
	again CFLAGS=-O1 VERSION=0.2 PREFIX=/elsewhere
	[[ $output = *'CC cmd/usage.c'* && $output != *clock.c* ]]
	again CFLAGS=-O1 VERSION=0.2 PREFIX=/elsewhere
	[[ $output != *CC* ]]
}

@test "a program is the same from any directory" {
	source_tree 'another place'
	build one -s build/emu-scratch
	build 'another place' -s B="$PWD/out" "$PWD/out/emu-scratch"
	cmp one/build/emu-scratch out/emu-scratch
	run grep -c "$PWD" one/build/emu-scratch
	[ "$output" = 0 ]
}

@test "sources that may only be read are built into B" {
	chmod -R a-w one
	build one -s B="$PWD/out" "$PWD/out/emu-scratch"
	chmod -R u+w one
	[ -x out/emu-scratch ]
	[ ! -e one/build ]
}

@test "a command links the libraries that it uses, and no other" {
	need ldd
	[[ ${EMU_BUILD##*/} != @(san|coverage) ]] || return 0
	for c in "$EMU_ROOT"/cmd/emu-*; do
		[ "${c%.sh}" = "$c" ] || continue
		run ldd -u "$EMU_BUILD/$(basename "${c%.c}")"
		[ -z "$output" ] || { echo "$c: $output"; false; }
	done
}

@test "CC and PKG_CONFIG are heeded" {
	printf '#!/bin/sh\necho "cc $*" >>%q\nexec cc "$@"\n' "$PWD/log" >compiler
	printf '#!/bin/sh\necho "pc $*" >>%q\nexec pkg-config "$@"\n' "$PWD/log" >config
	chmod +x compiler config
	build one -s CC="$PWD/compiler" PKG_CONFIG="$PWD/config" build/emu-scratch
	grep -q '^cc .*-c -o build/common/clock.o' log
	grep -q '^pc --exists jansson' log
}

@test "emu-scratch, which needs no library, is built for musl and runs; all else compiles" {
	need musl-gcc
	multiarch=$(gcc -print-multiarch)
	musl=(CC=musl-gcc "CFLAGS=-O0 -Werror -idirafter /usr/include -idirafter /usr/include/$multiarch")
	build one -s -j2 "${musl[@]}" build/emu-scratch \
		$(cd one && printf 'build/%s\n' cmd/*/*.c | sed 's/c$/o/')
	run -0 readelf -l one/build/emu-scratch
	[[ $output = *ld-musl* ]]
	# shellcheck disable=SC2016 # for the command
	run -3 one/build/emu-scratch -d "$PWD" sh -c 'mkdir -p "$EMU_SCRATCH/a/b"; echo "$EMU_SCRATCH"; exit 3'
	[[ $output = "$PWD"/emu-scratch-* ]]
	[ ! -e "$output" ]
	expect_error 127 'emu-scratch: no-such-command: No such file or directory' \
		one/build/emu-scratch -d "$PWD" no-such-command
	# A stderr that nobody reads holds it up no more than with glibc.
	mkfifo full
	exec 7<>full
	head -c 65536 /dev/zero >&7
	for arguments in "-d $PWD -k true" "-d $PWD no-such-command" "-d /dev/null true" -Z; do
		status=0
		# shellcheck disable=SC2086 # some words
		timeout -k 1 20 one/build/emu-scratch $arguments 2>&7 || status=$?
		echo "$status" >>statuses
	done
	exec 7>&-
	[ "$(paste -sd' ' statuses)" = '0 127 125 125' ] || { cat statuses; false; }
}

# compiled COMPILER...: every file of the commands passes it.
compiled() {
	(cd "$EMU_ROOT" && printf '%s\n' cmd/*/*.c common/*.c | xargs -P 2 -n 40 "$@" \
		-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Icommon '-DVERSION="0"' '-DDATADIR="/x"' \
		-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only)
}

@test "every file is also C23 and GNU's C, in gcc and in clang" {
	need gcc clang
	for cc in gcc clang; do
		for std in gnu17 gnu2x c2x; do
			compiled $cc -std=$std
		done
	done
}

@test "a command optimised over all its files is built without a warning and runs" {
	need gcc clang ld.lld
	for cc in 'gcc -flto=auto' 'clang -flto'; do
		# By its path: make takes the directory build/clang of PATH for it.
		flags=(CC="$(type -P "${cc% *}")" CFLAGS="-O3 ${cc#* } -std=gnu2x -D_FORTIFY_SOURCE=3 -Werror")
		[[ $cc != clang* ]] || flags+=(LDFLAGS=-fuse-ld=lld)
		build one -s -j2 "${flags[@]}" B="$PWD/${cc%% *}" "$PWD/${cc%% *}"/emu-{spawn,scratch}
		run -5 --separate-stderr "${cc%% *}/emu-spawn" sh -c 'echo line; exit 5'
		[ "$output" = line ]
		# shellcheck disable=SC2016 # for the command
		run -3 "${cc%% *}/emu-scratch" -d "$PWD" sh -c '[ -d "$EMU_SCRATCH" ] && exit 3'
	done
}

@test "no size is cut on a machine of 32 bits" {
	need gcc
	[ "$(gcc -dumpmachine)" = x86_64-linux-gnu ] || skip "no -m32"
	# The one header that glibc has beside it in a package of its own.
	mkdir gnu
	: >gnu/stubs-32.h
	compiled gcc -std=c17 -m32 -Wno-psabi -idirafter /usr/include/x86_64-linux-gnu -idirafter "$PWD"
}

@test "make help names every goal that people type" {
	run -0 make -s -C "$EMU_ROOT" help
	for goal in all bench check check-san clean demo fuzz install lint uninstall; do
		grep -q "^$goal  *[a-z]" <<<"$output" || { echo "no $goal"; false; }
	done
}
