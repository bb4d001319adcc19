load ../lib

setup_file() {
	need python3
	cd "$BATS_FILE_TMPDIR"
}

# The keys that a page or the schema knows on the top level.
page_keys() {
	awk '/^\.Bl -tag/ { depth++ } /^\.Bl -column/ { depth++ } /^\.El/ { depth-- }
		depth == 1 && /^\.It Li/ { print }' "$EMU_ROOT/man/emu-document.5" |
		sed 's/ Pq.*//; s/^\.It Li //; s/ , / /g' | tr ' ' '\n' | sort
}

schema_keys() {
	jq -r '.properties | keys[]' "$EMU_ROOT/share/schema/emu-document.json" | sort
}

@test "the schema is one, and has no fault to find in any document of ours" {
	run python3 "$EMU_ROOT/tests/emu-argv/validate" "$EMU_ROOT/share/schema/emu-document.json" \
		"$EMU_ROOT"/share/examples/*.json "$EMU_ROOT"/tests/emu-argv/flows*.json
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the schema and the page know the same keys, and so does argv" {
	diff <(page_keys) <(schema_keys)
	for key in $(schema_keys); do
		run emu-argv <<<"{\"$key\": {}, \"target\": \"mips\"}"
		[[ "$output" != *"unknown key"* ]] || { echo "$output"; false; }
	done
}

@test "every example passes -p" {
	for f in "$EMU_ROOT"/share/examples/*.json; do
		EMU_SCRATCH=/s emu-argv -p "$f" >/dev/null || { echo "$f"; false; }
	done
}
