load ../lib

setup() {
	need jq python3
	cd "$BATS_TEST_TMPDIR"
	"$EMU_ROOT/tests/zbi.py" fuchsia.zbi 'CMDL=one=two'
}

# started TARGET: the machine of fuchsia.json is there, and its emulator says nothing
# but what the words of botanist make it say.
started() {
	emu-argv -m fuchsia.json 2>err >words || { cat err; return 1; }
	run -0 timeout 60 "$EMU_ROOT/tests/emu-argv/start" <words
	output=$(grep -v -e 'name=etc/sercon-port,string=0: warning: externally provided fw_cfg item' \
		-e "warning: Machine type 'virt-[0-9.]*' is deprecated" <<<"$output" || :)
	[ -z "$output" ] || { echo "$1: $output"; false; }
}

# kernel TARGET: one of ours, or any ELF, for the machine is not to run.
kernel() {
	if [ -e "$EMU_BUILD/demo-$1" ]; then
		echo "$EMU_BUILD/demo-$1"
	else
		echo "$EMU_BUILD/demo-x64"
	fi
}

@test "the words of every flavor start, and their emulator warns of nothing of ours" {
	count=0
	for f in "$EMU_ROOT"/share/flavors/*.json; do
		for target in $(jq -r '.machines | map(.target) | unique[]' "$f"); do
			jq -n --arg flavor "$(basename "$f" .json)" --arg target "$target" --arg kernel "$(kernel "$target")" '
				{$flavor, $target, cpu: 2, memory: 1024, kvm: false, user_networking: true, images: [
				{name: "qemu-kernel", type: "kernel", path: $kernel},
				{name: "zircon-a", type: "zbi", path: "fuchsia.zbi"}]}' >fuchsia.json
			case $target in
			x64) need qemu-system-x86_64 ;;
			arm64) need qemu-system-aarch64 ;;
			riscv64) need qemu-system-riscv64 ;;
			esac
			# A machine that this emulator has not is told by its name.
			emu-argv fuchsia.json >words 2>err || {
				grep -qE '^emu-argv: .* [0-9.]+ has no machine "virt-[0-9.]+"; "machine" can be .*virt' err || { cat err; false; }
				continue
			}
			started "$f, $target"
			count=$((count + 1))
		done
	done
	[ "$count" -ge 6 ]
}
