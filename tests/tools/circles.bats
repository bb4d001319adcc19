load ../lib

setup() {
	need python3 nm gcc
	cd "$BATS_TEST_TMPDIR"
}

@test "no two files call each other, and common/ calls no command" {
	run -0 python3 "$EMU_ROOT/tests/tools/circles.py" "$EMU_BUILD"
	[ -z "$output" ]
}

@test "the check of calls finds a circle, and a call from common/ into a command" {
	mkdir -p tools/check cmd/one cmd/two common b/cmd/one b/cmd/two b/common
	cp "$EMU_ROOT/tests/tools/circles.py" tools/check
	echo 'void b(void); void c(void); void a(void) { b(); c(); }' >cmd/one/a.c
	echo 'void c(void); void b(void) { c(); }' >cmd/one/b.c
	echo 'void a(void); void c(void) { a(); }' >common/c.c
	echo 'void d(void) { }' >cmd/two/d.c
	for f in cmd/one/a cmd/one/b cmd/two/d common/c; do
		gcc -c -o b/$f.o $f.c
	done
	run -1 python3 tools/check/circles.py b
	[ "$output" = 'circle: cmd/one/a common/c cmd/one/a
up: common/c cmd/one/a' ]
	run -1 --separate-stderr python3 tools/check/circles.py .
	[ "$stderr" = '.: no objects' ]
}
