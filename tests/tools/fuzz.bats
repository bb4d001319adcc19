load ../lib

@test "every fuzz target takes its corpus" {
	export EMU_SHARE=$EMU_ROOT/share
	for c in "$EMU_ROOT"/tests/tools/fuzz/*/; do
		name=$(basename "$c")
		files=("$c"*)
		run "$EMU_BUILD/fuzz/$name-corpus" "${files[@]}"
		[ "$status" -eq 0 ] || { echo "$name: $output"; false; }
		[ "${lines[-1]}" = "${#files[@]} inputs" ]
	done
}
