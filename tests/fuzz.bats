load lib

@test "every fuzz target takes its corpus" {
	for c in "$EMU_ROOT"/tests/fuzz/*.c; do
		name=$(basename "$c" .c)
		[ "$name" != main ] || continue
		files=("$EMU_ROOT/tests/fuzz/$name"/*)
		run "$EMU_BUILD/fuzz/$name-corpus" "${files[@]}"
		[ "$status" -eq 0 ] || { echo "$name: $output"; false; }
		[ "${lines[-1]}" = "${#files[@]} inputs" ]
	done
}
