load ../lib

# tests/deps with stand-ins for the package tools, which say what they are asked.
setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	for c in sh env mktemp rm cat; do ln -s "$(command -v $c)" bin; done
	stub dpkg-query 'case $4 in here) echo "install ok installed" ;; *) exit 1 ;; esac'
	stub id 'echo 0'
}

stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

deps() {
	PATH=$PWD/bin sh "$EMU_ROOT/tests/deps" "$@"
}

@test "only packages that are missing are installed, and what apt prints is not shown" {
	stub apt-get 'echo "apt-get $*" >>said; echo noise; echo noise >&2'
	run -0 deps here there
	[ "$output" = 'make deps: installing: there' ]
	[ "$(cat said)" = 'apt-get install -y --no-install-recommends there' ]
	run -0 deps here
	[ -z "$output" ]
}

@test "an old package list is fetched anew, and the install tried again" {
	stub apt-get 'echo "apt-get $*" >>said; [ "$1" = update ] && : >updated; [ -e updated ]'
	run -0 deps there
	[ "$(sed -n 2p said)" = 'apt-get update' ]
	[ "$(sed -n 3p said)" = 'apt-get install -y --no-install-recommends there' ]
}

@test "a package that cannot be installed is a failure, with all that apt printed" {
	stub apt-get 'echo "apt-get $1"; echo "no such thing" >&2; [ "$1" = update ] || exit 100'
	run -100 deps there
	[ "$output" = 'make deps: installing: there
apt-get install
no such thing
apt-get update
no such thing
apt-get install
no such thing' ]
}

@test "sudo is used by users, not by root" {
	stub apt-get 'echo "apt-get $*" >>said'
	stub sudo 'echo "sudo $1" >>said; exec "$@"'
	stub id 'echo 1000'
	run -0 deps there
	[ "$(sed -n 1p said)" = 'sudo env' ]
	[ "$(sed -n 2p said)" = 'apt-get install -y --no-install-recommends there' ]
}

@test "without apt the other package tools are named, and what to install" {
	run -1 deps one two
	[ "$output" = 'make deps: no apt-get here; these Debian packages are needed: one two' ]
	for tool in dnf pacman apk; do
		rm -f bin/dnf bin/pacman bin/apk
		stub $tool 'exit 1'
		run -1 deps one two
		[ "$output" = "make deps: only apt is known here; with $tool, install what these Debian packages hold: one two" ]
	done
}

@test "make names the package of a program that is missing" {
	need make
	for c in make gcc cc pkg-config ar rm sed mkdir mv chmod; do
		ln -sf "$(command -v $c)" bin
	done
	run env PATH="$PWD/bin" make -s -C "$EMU_ROOT" B="$EMU_BUILD" lint
	[ "$status" -eq 2 ]
	[[ $output = *"missing: clang-format, of package clang-format; 'make deps' installs it"* ]] ||
		{ echo "$output"; false; }
	rm bin/pkg-config
	run env PATH="$PWD/bin" make -s -C "$EMU_ROOT" B="$EMU_BUILD" all
	[ "$status" -eq 2 ]
	[[ $output = *"missing: pkg-config, which 'make deps' installs with all else"* ]] ||
		{ echo "$output"; false; }
}

@test "deps installs the test tools for tests, not for a demo" {
	need make
	for goals in deps 'deps check' 'deps lint all'; do
		# shellcheck disable=SC2086
		run -0 make -n -s --no-print-directory -C "$EMU_ROOT" $goals
		[[ ${lines[0]} = *' jq '*' bats '*' iproute2 '*' strace '* ]] || { echo "$goals: ${lines[0]}"; false; }
	done
	for goals in 'deps deb' 'deps demo' 'deps all' 'deps install'; do
		# shellcheck disable=SC2086
		run -0 make -n -s --no-print-directory -C "$EMU_ROOT" $goals
		[[ ${lines[0]} = *' jq'* && ${lines[0]} != *bats* ]] || { echo "$goals: ${lines[0]}"; false; }
	done
}

@test "deps installs AFL++ for make afl alone" {
	need make
	run -0 make -n -s --no-print-directory -C "$EMU_ROOT" deps afl
	[[ ${lines[0]} = *' bats '*' afl++'* ]]
	run -0 make -n -s --no-print-directory -C "$EMU_ROOT" deps check
	[[ ${lines[0]} != *afl++* ]]
}

@test "of several names the first that apt knows is installed, else the last" {
	for c in grep sed; do ln -s "$(command -v $c)" bin; done
	stub apt-get 'echo "apt-get $*" >>said'
	stub apt-cache 'case $2 in new) echo "  Candidate: 2.0" ;; *) echo "  Candidate: (none)" ;; esac'
	run -0 deps 'new|old' 'newest|new|old' 'newest|oldest' 'newest|' 'new|'
	[ "$(cat said)" = 'apt-get install -y --no-install-recommends new new oldest new' ]
}

@test "a package of clang's is that of the version that clang stands for" {
	ln -s "$(command -v sed)" bin
	stub apt-get 'echo "apt-get $*" >>said'
	stub apt-cache 'printf "%s\n" clang "  Depends: clang-19" "  Depends: libc6"'
	run -0 deps 'libclang-rt-%-dev'
	[ "$(cat said)" = 'apt-get install -y --no-install-recommends libclang-rt-19-dev' ]
}

@test "no list names a package that has no name" {
	need make
	run -0 make -n -s --no-print-directory -C "$EMU_ROOT" deps
	for p in ${lines[0]}; do
		p=${p//\'/}
		[[ $p =~ ^(tests/deps|[a-z0-9%][a-z0-9+.%-]+(\|[a-z0-9%][a-z0-9+.%-]+)*\|?)$ ]] || { echo "$p"; false; }
	done
}
