load ../lib

# argv DOCUMENT [OPTION ...]: the words as lines.
argv() {
	local document=$1
	shift
	emu-argv "$@" <<<"$document" | tr '\0' '\n'
}

linux='{"guest": "linux", "target": "x64", "images": [
  {"name": "k", "type": "kernel", "path": "/vm"},
  {"name": "i", "type": "initrd", "path": "/initrd"}]}'
none='{"guest": "none", "target": "x64", "images": [
  {"name": "demo", "type": "kernel", "path": "/demo"}]}'

@test "argv gives botanist's words for every 2020 flow" {
	need python3
	cd "$BATS_TEST_TMPDIR"
	files=("$EMU_ROOT"/tests/emu-argv/flows*.json)
	shared=$EMU_ROOT/../shared/data/argv-flows.json
	[ ! -e "$shared" ] || files+=("$shared")
	run "$EMU_ROOT/tests/emu-argv/flows" "${files[@]}"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "argv gives botanist's words for random configs" {
	need python3
	cd "$BATS_TEST_TMPDIR"
	run "$EMU_ROOT/tests/emu-argv/botanist" $((EMU_TEST_N * 20))
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "argv reaches botanist's later builders through keys" {
	need python3
	cd "$BATS_TEST_TMPDIR"
	run "$EMU_ROOT/tests/emu-argv/builder" "$EMU_ROOT/tests/emu-argv/builder-calls.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = '169 equal, 0 differ, 20 not reached' ]
}

@test "argv makes a linux machine for CI" {
	run argv "$linux"
	[ "$status" -eq 0 ]
	monitor qmp0
	want=(qemu-system-x86_64 -nodefaults -display none -machine q35
		-cpu max -accel tcg -smp 1 -m 1024 -kernel /vm -initrd /initrd
		-chardev stdio,id=char0,signal=off -serial chardev:char0
		-device pvpanic -no-reboot -sandbox on
		-chardev socket,id=qmp0,fd=3 "${MONITOR[@]/monitor-qmp0/monitor0}"
		-append 'console=ttyS0 panic=-1')
	printf '%s\n' "${want[@]}" | diff - <(echo "$output")
}

@test "argv makes a machine for a bare kernel, its arguments alone behind -append" {
	run argv "$(jq '.args = ["exit=3", ""]' <<<"$none")" -N
	[ "$status" -eq 0 ]
	want=(qemu-system-x86_64 -nodefaults -display none -machine q35
		-cpu max -accel tcg -smp 1 -m 1024 -kernel /demo
		-chardev stdio,id=char0,signal=off -serial chardev:char0
		-device pvpanic -no-reboot -sandbox on -append 'exit=3 ')
	printf '%s\n' "${want[@]}" | diff - <(echo "$output")
}

@test "argv names the console of each target's uart" {
	for pair in x64:ttyS0 i386:ttyS0 arm64:ttyAMA0 arm:ttyAMA0 riscv64:ttyS0; do
		run argv "$(jq --arg t "${pair%:*}" '.target = $t' <<<"$linux")" -N
		[ "${lines[-1]}" = "console=${pair#*:} panic=-1" ]
	done
}

@test "argv -m and -N add and leave out the monitor" {
	document=$(jq '.[0].document | del(.path)' "$EMU_ROOT/tests/emu-argv/flows.json")
	[[ "$(argv "$document")" != *fd=3* ]]
	[[ "$(argv "$document" -m)" = *socket,id=qmp0,fd=3* ]]
	[[ "$(argv "$linux" -N)" != *fd=3* ]]
}

@test "argv -s leaves the monitor out, which a shell could not serve, unless -m" {
	[[ "$(argv "$linux" -s)" != *fd=3* ]]
	[[ "$(argv "$linux" -sm)" = *fd=3* ]]
}

@test "argv -s and -j give the words, whatever is in them" {
	document=$(jq '.args = ["it'\''s", "a  b", "$HOME `x`", "\\", "*", "né", "\n", "\u0001"]' <<<"$linux")
	emu-argv -N <<<"$document" >"$BATS_TEST_TMPDIR/nul"
	eval "printf '%s\0' $(emu-argv -Ns <<<"$document")" | cmp - "$BATS_TEST_TMPDIR/nul"
	emu-argv -Nj <<<"$document" | jq -j '.[] + "\u0000"' | cmp - "$BATS_TEST_TMPDIR/nul"
}

@test "argv -j refuses a word that is not UTF-8" {
	mkdir "$BATS_TEST_TMPDIR"/$'\xff'
	cd "$BATS_TEST_TMPDIR"/$'\xff'
	refuse_j='emu-argv: <stdin>: images[0].path: its word is not UTF-8, as JSON wants it'
	expect_error 1 "$refuse_j" emu-argv -j <<<"$(jq '.images[0].path = "k"' <<<"$none")"
	emu-argv <<<"$(jq '.images[0].path = "k"' <<<"$none")" | grep -qzFx "$PWD/k"
}

@test "argv -e tells where each word came from" {
	run emu-argv -eN <<<"$(jq '.cpu = 2 | .args = ["quiet"]' <<<"$linux")"
	[ "$status" -eq 0 ]
	tab=$'\t'
	[ "${lines[0]}" = "qemu-system-x86_64${tab}target" ]
	[[ "$output" = *"-smp 2${tab}cpu"* ]]
	[[ "$output" = *"-m 1024${tab}(guest linux)"* ]]
	[[ "$output" = *"-kernel /vm${tab}images[0].path"* ]]
	[ "${lines[-1]}" = "${tab}quiet${tab}args[0]" ]
}

@test "argv doubles commas in files and nowhere else" {
	run argv "$(jq '.images += [{name: "d", type: "blk", path: "/a,b"}] |
		.drives = [{image: "blk_d", id: "d"}]' <<<"$linux")" -N
	[[ "$output" = *"id=d,file=/a,,b,format=raw"* ]]
}

@test "argv tells linux its root" {
	for t in virtio-blk:/dev/vda2 virtio-scsi:/dev/sda2 nvme:/dev/nvme0n1p2; do
		run argv "$(jq --arg i "${t%%:*}" '.images += [{name: "d", type: "blk", path: "/d"}] |
			.drives = [{image: "blk_d", interface: $i, root: 2}]' <<<"$linux")" -N
		[ "${lines[-1]}" = "console=ttyS0 panic=-1 root=${t#*:} rw" ]
	done
}

@test "argv tells linux the names of disks beyond the 26th" {
	for t in 26:vdz 27:vdaa 52:vdaz 53:vdba 702:vdzz 703:vdaaa; do
		run argv "$(jq --argjson n "${t%:*}" '.images += [{name: "d", type: "blk", path: "/d"}] |
			.drives = [range($n) | {image: "blk_d"}] | .drives[-1].root = true' <<<"$linux")" -N
		[ "${lines[-1]}" = "console=ttyS0 panic=-1 root=/dev/${t#*:} rw" ]
	done
}

# refuse LINE DOCUMENT: emu-argv refuses the document with the line.
refuse() {
	expect_error 1 "emu-argv: <stdin>: $1" emu-argv <<<"$2"
}

@test "argv names the place of each fault" {
	refuse 'empty' ''
	refuse 'expected an object' '5'
	refuse "an array of 2 elements: pick one with jq '.[0]'" '[{}, {}]'
	refuse 'target: missing' '{}'
	refuse "target: expected one of $(jq -r '[.targets[].name] | join(", ")' \
		"$EMU_ROOT/share/targets.json"), not \"mips\"" '{"guest": "none", "target": "mips"}'
	refuse 'memroy: unknown key, did you mean "memory"?' '{"target": "x64", "memroy": 1}'
	refuse 'zzz: unknown key' '{"zzz": 1}'
	refuse 'guest: expected "fuchsia", "linux" or "none", not "bsd"' '{"guest": "bsd"}'
	refuse 'minfs.image: expected a string' \
		'{"target": "x64", "cpu": 1, "memory": 1, "minfs": {"image": 5}, "images": [
		{"name": "qemu-kernel", "type": "kernel", "path": "k"},
		{"name": "zircon-a", "type": "zbi", "path": "z"}]}'
	refuse 'images: no image "kernel_qemu-kernel"' '{"target": "x64", "cpu": 1, "memory": 1}'
	refuse 'cpu: must be from 1 to 2147483647' "$(jq '.cpu = 0' <<<"$linux")"
	refuse 'memory: expected an integer, written with digits alone' \
		'{"guest": "none", "target": "x64", "memory": 1e3}'
	refuse 'drives[0].image: no image "blk_d"' \
		"$(jq '.drives = [{image: "blk_d"}]' <<<"$none")"
	refuse 'drives[0].interfce: unknown key, did you mean "interface"?' \
		"$(jq '.drives = [{interfce: "x"}]' <<<"$none")"
	refuse 'netdevs[0].backend: missing' "$(jq '.netdevs = [{}]' <<<"$none")"
	refuse 'images[1].fromat: unknown key, did you mean "format"?' \
		"$(jq '.images += [{name: "d", type: "blk", fromat: "qcow2"}]' <<<"$none")"
	refuse 'kernel: kernel_a or kernel_b? Several images are of type "kernel"' \
		'{"guest": "none", "target": "x64", "images": [
		{"name": "a", "type": "kernel", "path": "a"},
		{"name": "b", "type": "kernel", "path": "b"}]}'
	refuse 'path: /nonexistent/qemu-system-x86_64: No such file or directory' \
		"$(jq '.path = "/nonexistent"' <<<"$none")"
	refuse 'isa_debug_exit: target arm64 has no ISA ports' \
		"$(jq '.target = "arm64" | .isa_debug_exit = true' <<<"$none")"
	refuse 'drives[0].readonly: a disk on ide cannot be read-only; "snapshot" discards what is written' \
		"$(jq '.images += [{name: "d", type: "blk", path: "d"}] |
		.drives = [{image: "blk_d", interface: "ide", readonly: true}]' <<<"$none")"
	refuse 'args[0]: there is no kernel to read it' \
		'{"guest": "none", "target": "x64", "args": ["a"]}'
}

@test "argv refuses names that QEMU would not take, and a name twice" {
	disk=$(jq '.images += [{name: "d", type: "blk", path: "d"}]' <<<"$none")
	refuse "drives[0].id: expected a letter, then letters, digits, '-', '.' and '_'" \
		"$(jq '.drives = [{image: "blk_d", id: "a,b"}]' <<<"$disk")"
	refuse 'drives[1].id: drive0 comes twice' \
		"$(jq '.drives = [{image: "blk_d"}, {image: "blk_d", id: "drive0"}]' <<<"$disk")"
	refuse 'serials[0].id: qmp0 comes twice' "$(jq '.serials = [{id: "qmp0"}]' <<<"$none")"
	refuse 'netdevs[0].id: net0 comes twice' \
		"$(jq '.user_networking = true | .netdevs = [{backend: "user", id: "net0"}]' <<<"$none")"
}

@test "argv refuses each key whose value is of the wrong kind or missing" {
	disk=$(jq '.images += [{name: "d", type: "blk", path: "d"}]' <<<"$none")
	change() { # LINE FILTER [DOCUMENT]
		refuse "$1" "$(jq "$2" <<<"${3:-$none}")"
	}
	change 'images[0].path: missing' 'del(.images[0].path)'
	change 'args[1]: expected a string' '.args = ["a", 5]'
	change 'isa_debug_exit: expected true, false or an object' '.isa_debug_exit = 5'
	change 'vsock.cid: missing' '.vsock = {}'
	change 'vsock.cid: expected an integer or "auto"' '.vsock = {cid: "x"}'
	change 'vsock.cid: "auto" is made from EMU_SCRATCH, which is not set: run it under emu-scratch' \
		'.vsock = {cid: "auto"}'
	change 'shares[0].tag: missing' '.shares = [{path: "d"}]'
	change 'entropy: expected 64 hex digits' '.entropy = "ab"'
	change "$(printf 'k%.0s' {1..30}): unknown key" ".$(printf 'k%.0s' {1..30}) = 1"
	change 'rtc: expected a string or an object' '.rtc = 5'
	change 'kvm: expected true, false or "auto"' '.kvm = "yes"'
	change 'machine: expected a string' '.machine = 5 | .kvm = "auto"'
	change 'drives[0]: expected an object' '.drives = [5]'
	change 'drives[0].options.a: expected a string, an integer, true or false' \
		'.drives = [{image: "blk_d", options: {a: []}}]' "$disk"
	change "drives[0].root: expected true, a partition's number or a device as the kernel names it" \
		'.drives = [{image: "blk_d", root: []}] | .guest = "linux"' "$disk"
	change 'netdevs[0].mac: expected six pairs of hex digits between colons, or "auto"' \
		'.netdevs = [{backend: "user", mac: "02:00:00:00:00:0g"}]'
	change 'netdevs[0].mac: expected six pairs of hex digits between colons, or "auto"' \
		'.netdevs = [{backend: "user", mac: "02"}]'
	change 'netdevs[0].forwards[0].guest: missing' \
		'.netdevs = [{backend: "user", forwards: [{host: 1}]}]'
	change 'serials[0].path: missing' '.serials = [{backend: "socket"}]'
	change 'tap: longer than the 15 bytes of an interface'"'"'s name' '.tap = "a234567890123456"'
	change 'mac: expected six pairs of hex digits between colons, or "auto"' '.tap = "t" | .mac = "52:54"'
	for key in cpu memory; do
		change "$key: missing" "del(.$key)" '{"target": "x64", "cpu": 1, "memory": 1, "images": [
			{"name": "qemu-kernel", "type": "kernel", "path": "k"},
			{"name": "zircon-a", "type": "zbi", "path": "z"}]}'
	done
}

@test "argv refuses keys that do not go together" {
	disk=$(jq '.images += [{name: "d", type: "blk", path: "d"}]' <<<"$none")
	change() { # LINE FILTER
		refuse "$1" "$(jq "$2" <<<"$disk")"
	}
	change 'drives[0].root: is for guest "linux" alone' '.drives = [{image: "blk_d", root: "/dev/x"}]'
	change 'drives[0].pci_address: a drive on ide has none of its own' \
		'.drives = [{image: "blk_d", interface: "ide", pci_address: "1.0"}]'
	change 'minfs: is for guest "fuchsia" alone; others have "drives"' '.minfs = {image: "x"}'
	change 'flash.disk: is for guest "fuchsia" alone; others have "drives"' \
		'.flash = {code: "blk_d", disk: "blk_d"}'
	change 'type: "aemu" is for guest "fuchsia" alone' '.type = "aemu"'
	change 'netdevs[0].ifname: is for backend "tap", not "user"' \
		'.netdevs = [{backend: "user", ifname: "t"}]'
	change 'netdevs[0].restrict: is for backend "user"' '.netdevs = [{backend: "tap", restrict: true}]'
	change 'serials[0].path: is for a file or a socket, not null' \
		'.serials = [{backend: "null", path: "x"}]'
	change 'serials[1].backend: only one line can be on stdio' '.serials = [{}, {backend: "stdio"}]'
}

@test "argv passes on what the rarer keys say" {
	has() { # WORDS FILTER [DOCUMENT]
		run argv "$(jq "$2" <<<"${3:-$none}")" -N
		[[ " ${output//$'\n'/ } " = *" $1 "* ]] || { echo "$output"; false; }
	}
	has '-accel tcg,thread=single' '.tcg_thread = "single"'
	has '-netdev user,id=net0,restrict=on -device virtio-net-pci,netdev=net0,addr=1.0,bootindex=2' \
		'.netdevs = [{backend: "user", restrict: true, pci_address: "1.0", boot: 2}]'
	has "-chardev socket,id=char0,path=$PWD/s,server=on,wait=off" '.serials = [{backend: "socket", path: "s"}]'
	has '-append console=ttyS0 panic=-1 root=/dev/x rw' \
		'.images += [{name: "d", type: "blk", path: "d"}] | .drives = [{image: "blk_d", root: "/dev/x"}]' \
		"$linux"
	has '-append console=ttyS0 panic=-1 root=/dev/sda rw rootwait' \
		'.images += [{name: "d", type: "blk", path: "d"}] | .drives = [{image: "blk_d", interface: "usb", root: true}]' \
		"$linux"
	fuchsia='{"target": "x64", "cpu": 1, "memory": 1, "flavor": "2024", "images": [
		{"name": "qemu-kernel", "type": "kernel", "path": "k"},
		{"name": "zircon-a", "type": "zbi", "path": "z"}]}'
	has '-accel tcg,thread=single' '.tcg_thread = "single"' "$fuchsia"
	run argv "$(jq '.type = "aemu"' <<<"$fuchsia")"
	[[ "$output" = *$'-feature\nGLDirectMem,HostComposition,VirtioInput,Vulkan\n'* ]]
	run argv "$(jq '.type = "aemu" | .features = []' <<<"$fuchsia")"
	[[ "$output" = *$'-gpu\n'* ]]
	[[ "$output" != *-feature* ]]
	run -0 --separate-stderr emu-argv -s <<<"$(jq '.target = "riscv64" | .kvm = "auto"' <<<"$fuchsia")"
	[ "$stderr" = 'emu-argv: <stdin>: kvm: using TCG: flavor 2024 has no KVM for target riscv64' ]
}

@test "argv leaves out the host's CPU when KVM was only wished for" {
	run --separate-stderr emu-argv -s <<<"$(jq '.kvm = "auto" | .target = "riscv64" |
		.cpu_model = "host,x=on"' <<<"$none")"
	[[ "$output" = *"-cpu rv64 -accel tcg"* ]]
	run -0 emu-argv -s <<<"$(jq '.target = "riscv64" | .cpu_model = "host,x=on"' <<<"$none")"
	[[ "$output" = *"-cpu host,x=on -accel tcg"* ]]
}

@test "argv takes the format that emu-stage gave to the copy" {
	document=$(jq '.images += [{name: "d", type: "blk", path: "/d", format: "qcow2", staged: true}] |
		.drives = [{image: "blk_d", format: "raw"}]' <<<"$none")
	[[ "$(argv "$document")" = *"file=/d,format=qcow2,"* ]]
	[[ "$(argv "$(jq '.images[1].staged = false' <<<"$document")")" = *"file=/d,format=raw,"* ]]
	document=$(jq '.[8].document | del(.path) | .images |= map(.format = "qcow2")' \
		"$EMU_ROOT/tests/emu-argv/flows.json")
	[[ "$(argv "$document")" = *"blk_storage-full,format=qcow2,"* ]]
}

@test "argv takes comments at every level" {
	run argv "$(jq '. + {"$schema": "s", "_note": 1, "x-ours": []} |
		.images[0]["_c"] = 1' <<<"$none")"
	[ "$status" -eq 0 ]
}

@test "argv refuses a word that no program can be given" {
	document=$(jq -n --argjson d "$linux" '$d | .args = ["x" * 131100]')
	refuse 'args: a word of 131123 bytes; no program can be given more than 131071' "$document"
}

@test "argv refuses usage errors with status 2" {
	run emu-argv -z
	[ "$status" -eq 2 ]
	[ "${lines[1]}" = 'usage: emu-argv [-emNp] [-s | -j] [document]' ]
	run emu-argv a b
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = 'emu-argv: more than one document' ]
	run emu-argv -sj
	[ "$status" -eq 2 ]
}

@test "argv tells that stdout is full or closed" {
	run -1 sh -c 'echo "$1" | emu-argv >/dev/full' sh "$none"
	[ "$output" = 'emu-argv: <stdout>: No space left on device' ]
	run -1 sh -c 'echo "$1" | emu-argv >&-' sh "$none"
	[ "$output" = 'emu-argv: <stdout>: Bad file descriptor' ]
}

# probe LINE FILTER: -p refuses the document that jq's FILTER makes of $none.
probe() {
	expect_error 1 "emu-argv: $1" emu-argv -p <<<"$(jq "$2" <<<"$none")"
}

@test "argv -p names the key of what the emulator does not know" {
	need qemu-system-x86_64 qemu-system-aarch64 qemu-system-riscv64
	x64="qemu-system-x86_64 $(qemu-system-x86_64 --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')"
	arm64=${x64/x86_64/aarch64}
	probe "<stdin>: machine: $arm64 has no machine \"virt-2.99\"; \"machine\" can be $(qemu-system-aarch64 -machine help |
		sed -n 's/^\(virt\(-[0-9.]*\)*\) .*/\1/p' | paste -sd ' ')" '.machine = "virt-2.99" | .target = "arm64"'
	probe "machine: $x64: machine \"q35\" has no property \"foo\"" '.machine = "q35,foo=on"'
	probe "cpu_model: $x64 has no CPU \"Foo\"" '.cpu_model = "Foo,+x"'
	probe "kvm: $arm64 has no CPU \"host\"" '.kvm = true | .target = "arm64"'
	probe "drives[0]: $x64: device \"virtio-blk-pci\" has no property \"nosuch\"" \
		'.images += [{name: "d", type: "blk", path: "d"}] |
		.drives = [{image: "blk_d", options: {nosuch: 1}}]'
	probe "netdevs[0]: $x64 has no device \"e1000x\"" '.netdevs = [{backend: "user", model: "e1000x"}]'
	probe "extra[0]: $x64 has no option \"-nosuch\"" '.extra = ["-nosuch"]'
	probe "extra[1]: $x64 has no object \"nosuch\"" '.extra = ["-object", "nosuch,id=a"]'
	probe "extra[1]: $x64 has no network backend \"nosuch\"" '.extra = ["-netdev", "nosuch,id=a"]'
	probe "kvm: $arm64 has no accelerator \"kvm\"" '.kvm = true | .target = "arm64" |
		.guest = "fuchsia" | .cpu = 1 | .memory = 1 | .cpu_model = "max" | .machine = "virt" |
		.images = [{name: "qemu-kernel", type: "kernel", path: "k"},
			{name: "zircon-a", type: "zbi", path: "z"}]'
	probe "cpu_model: ${x64/x86_64/riscv64} has no CPU \"Foo\"" '.cpu_model = "Foo" | .target = "riscv64"'
	run -0 emu-argv -ps <<<"$(jq '.machine = "q35,sata=on,firmware=a,,b" |
		.extra = ["--device", "virtio-rng-pci"]' <<<"$none")"
}

@test "argv -p tells of an emulator that does not answer" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	program=$BATS_TEST_TMPDIR/bin/qemu-system-x86_64
	printf '#!/bin/sh\necho "-machine x"\n' >"$program"
	chmod +x "$program"
	probe "$program: does not answer as QEMU does" ".path = \"$BATS_TEST_TMPDIR/bin\""
	chmod -x "$program"
	probe "$program: Permission denied" ".path = \"$BATS_TEST_TMPDIR/bin\""
	printf '#!/bin/sh\nexec sleep 100\n' >"$program"
	chmod +x "$program"
	export EMU_TIME_SCALE=0.02
	probe "$program: no answer within 0.2 s" ".path = \"$BATS_TEST_TMPDIR/bin\""
	EMU_TIME_SCALE=x
	probe 'EMU_TIME_SCALE: not a factor: x' .
}

@test "argv -p leaves nothing of an emulator that does not answer" {
	emulator "sleep 9971 & echo \$! >'$BATS_TEST_TMPDIR/pid'; wait; true"
	program=$BATS_TEST_TMPDIR/bin/qemu-system-x86_64
	export EMU_TIME_SCALE=0.1
	probe "$program: no answer within 1 s" ".path = \"$BATS_TEST_TMPDIR/bin\""
	wait_until gone "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "argv -p asks about 700 drives, and once about each device" {
	need qemu-system-x86_64
	emulator "echo \"\$*\" >>'$BATS_TEST_TMPDIR/asked'; exec $(command -v qemu-system-x86_64) \"\$@\""
	jq --arg p "$BATS_TEST_TMPDIR/bin" '.path = $p |
		.images += [{name: "d", type: "blk", path: "/d"}] |
		.drives = [range(700) | {image: "blk_d", interface: "virtio-scsi"}] |
		.netdevs = [range(300) | {backend: "user", model: "m\(.)\("x" * 100)"}]' \
		<<<"$none" >"$BATS_TEST_TMPDIR/many.json"
	run -1 timeout 60 emu-argv -p "$BATS_TEST_TMPDIR/many.json"
	[[ "$output" = *'netdevs[0]: qemu-system-x86_64 '*' has no device "m0x'* ]]
	run -0 grep -c 'scsi-hd,help' "$BATS_TEST_TMPDIR/asked"
	[ "$output" = 1 ]
}

@test "argv's vocabulary, the schema and the page agree" {
	need python3
	"$EMU_BUILD/tests/emu-argv/vocabulary" >"$BATS_TEST_TMPDIR/vocabulary.json"
	run -0 "$EMU_ROOT/tests/emu-argv/agree" "$BATS_TEST_TMPDIR/vocabulary.json" \
		"$EMU_ROOT/share/schema/emu-document.json" "$EMU_ROOT/man/emu-document.5"
	[ "$output" = '' ]
}

@test "the page lists the kernel arguments of each flavor" {
	page=$EMU_ROOT/man/emu-document.5
	count=0
	while read -r argument; do
		run -0 grep -F -e ".Li $argument" "$page"
		count=$((count + 1))
	done < <(jq -r '.args[].text' "$EMU_ROOT"/share/flavors/*.json | sort -u)
	[ "$count" -gt 10 ]
	listed=$(sed -n '/^For a guest fuchsia, botanist/,/^Flavor$/s/^\.Li \([^ ]*\).*/\1/p' "$page")
	[ "$listed" = "$(jq -r '.args[].text | select(. != "zircon.nodename=")' "$EMU_ROOT/share/flavors/2020.json")" ]
}

@test "argv gives a guest fuchsia an rng that its machine has" {
	for flavor in 2020 2023 2024 2026; do
		words=$(jq --arg f $flavor '.flavor = $f | .rng = true' <<<"$fuchsia" | emu-argv -s)
		[[ $words = *' -device virtio-rng-pci,rng=rng0'* ]]
	done
}

@test "argv -p passes what the emulators know, and writes the words" {
	for t in x64 i386 arm64 arm riscv64; do
		document=$(jq --arg t $t '.target = $t' <<<"$linux")
		emu-argv -p <<<"$document" | cmp - <(emu-argv <<<"$document")
	done
}

# A stand-in for QEMU whose text is the argument, as qemu-system-x86_64.
emulator() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	chmod +x "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
}

# auto LINE: kvm "auto" chooses TCG and says so.
auto() {
	run --separate-stderr emu-argv -N <<<"$(jq --arg p "$BATS_TEST_TMPDIR/bin" \
		'.kvm = "auto" | .path = $p' <<<"$none")"
	[ "$status" -eq 0 ]
	[[ "$(tr '\0' ' ' <<<"$output")" = *'-accel'*tcg* ]]
	[ "$stderr" = "emu-argv: <stdin>: kvm: using TCG: $1" ] || { echo "$stderr"; false; }
}

# kvm_advice: what is said about a /dev/kvm that cannot be opened.
kvm_advice() {
	if [ ! -e /dev/kvm ]; then
		echo '; virtualisation has to be enabled in the firmware, or, in a virtual machine, by its host (nested virtualisation)'
	elif [ ! -w /dev/kvm ]; then
		echo '; join the group that owns it, usually kvm'
	fi
}

# no_kvm: this host has none, and "auto" says so.
no_kvm() {
	emulator 'printf k; exit 85'
	if [ "$(uname -m)" != x86_64 ]; then
		auto "a host $(uname -m) cannot run x64"
	elif ! { : <>/dev/kvm; } 2>/dev/null; then
		auto "/dev/kvm: $( { : <>/dev/kvm; } 2>&1 | sed 's/.*: //')$(kvm_advice)"
	else
		return 1
	fi
}

@test "argv falls back to TCG, loudly, when the emulator cannot use KVM" {
	! no_kvm || return 0
	emulator 'echo "qemu: warning: a feature" >&2; echo "qemu: error: MSR" >&2; kill -9 $$'
	auto 'qemu: error: MSR'
	emulator 'kill -6 $$'
	auto "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64 died of signal 6"
	emulator 'exit 85'
	auto "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64 exited with status 85"
	emulator 'printf k; exec sleep 10'
	auto 'it runs fewer than 16 million instructions a second; in a virtual machine, its host has to allow nested virtualisation'
	emulator 'exec sleep 100'
	auto 'no instruction ran within 5 s'
	chmod -x "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	auto "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64: Permission denied"
}

@test "argv asks with the CPU of a guest fuchsia" {
	emulator 'printf k; exit 85'
	run argv "$(jq --arg p "$BATS_TEST_TMPDIR/bin" '.[0].document |
		.target = "x64" | .kvm = "auto" | .path = $p' "$EMU_ROOT/tests/emu-argv/flows.json")"
	[[ "$output" = *$'-cpu\n'@(host|Haswell)* ]]
}

@test "argv uses KVM when the emulator ran its few instructions" {
	! no_kvm || return 0
	emulator 'printf k; exit 85'
	run argv "$(jq --arg p "$BATS_TEST_TMPDIR/bin" '.kvm = "auto" | .path = $p' <<<"$none")" -N
	[[ "$output" = *$'-cpu\nhost\n-accel\nkvm\n'* ]]
}

@test "argv leaves no emulator behind when it is killed while asking" {
	! no_kvm || return 0
	emulator "echo \$\$ >'$BATS_TEST_TMPDIR/pid'; exec sleep 60"
	jq --arg p "$BATS_TEST_TMPDIR/bin" '.kvm = "auto" | .path = $p' <<<"$none" \
		>"$BATS_TEST_TMPDIR/doc.json"
	emu-argv "$BATS_TEST_TMPDIR/doc.json" 3>&- &
	wait_until test -s "$BATS_TEST_TMPDIR/pid"
	kill -9 $!
	wait_until gone "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "argv does not try KVM for another processor than the host's" {
	run --separate-stderr emu-argv -s <<<"$(jq '.kvm = "auto" | .target = "riscv64"' <<<"$none")"
	[ "$stderr" = "emu-argv: <stdin>: kvm: using TCG: a host $(uname -m) cannot run riscv64" ]
	[[ "$output" = *"-cpu rv64 -accel tcg"* ]]
}

@test "argv obeys its laws on random documents" {
	need python3 jq
	cd "$BATS_TEST_TMPDIR"
	run "$EMU_ROOT/tests/emu-argv/random" $((EMU_TEST_N * 10))
	echo "$output"
	[ "$status" -eq 0 ]
}

# Hostile documents end soon and in little memory (64 MiB of data).
hostile() {
	[ "${EMU_BUILD##*/}" = san ] || ulimit -d 65536
	run --separate-stderr timeout 20 emu-argv
	[ "$status" -eq 1 ] && [ -z "$output" ] && [ "${#stderr_lines[@]}" -eq 1 ] &&
		[ "${#stderr}" -lt 300 ] && [[ "$stderr" = "emu-argv: <stdin>:$1"* ]] ||
		{ echo "$status $stderr"; false; }
}

@test "argv refuses hostile documents in bounded time and memory" {
	head='{"guest": "linux", "target": "x64", '
	hostile '1:65: nested too deeply' < <(head -c 1000000 /dev/zero | tr '\0' '[')
	hostile '1:1000047: too big integer' \
		< <(echo "$head\"memory\": $(head -c 1000000 /dev/zero | tr '\0' 9)}")
	hostile '1:68: too big negative integer' \
		<<<"$head\"memory\": -99999999999999999999}"
	hostile ' memory: must be from 1 to 8796093022207' <<<"$head\"memory\": -9}"
	hostile ' memory: expected an integer, written with digits alone' \
		<<<"$head\"memory\": 4.0}"
	hostile '1:48: a NUL in a string' <<<"$head\"machine\": \"a\\u0000b\"}"
	hostile '1:' < <(printf '{"machine": "a\0b"}')
	hostile "1:48: invalid Unicode '\\uD800'" <<<"$head\"machine\": \"\\ud800\"}"
	hostile '1:48: unable to decode byte 0xff' < <(printf '%s"machine": "\xff"}' "$head")
	hostile ' larger than 16777216 bytes' \
		< <(printf '"'; head -c 100000000 /dev/zero | tr '\0' x; printf '"')
	hostile '1:' < <(printf '{'; seq -f '"k%.0f": 1,' 100000 | tr -d '\n'; printf '"a": 1}')
	hostile ' machine: a word of 10000001 bytes' \
		< <(printf '%s"machine": "a' "$head"; head -c 10000000 /dev/zero | tr '\0' x; printf '"}')
	hostile '1:' < <(printf '{"a": 1, "a": 2}')
}

@test "argv takes as many images and drives as a document holds" {
	seq 15000 | jq -cs '{guest: "none", target: "x64",
		images: map({name: tostring, type: "b", path: "p"}),
		drives: map({image: "b_\(.)"})}' >"$BATS_TEST_TMPDIR/many.json"
	timeout 60 emu-argv "$BATS_TEST_TMPDIR/many.json" | tr '\0' '\n' | grep -c ^-drive |
		grep -qx 15000
}

@test "argv names the machines of an emulator that lacks one of a version" {
	emulator 'case $* in
		"-machine help") printf "%s\n" "none  empty" "pc-q35-9.1  Standard PC" "q35  Standard PC (alias of pc-q35-9.1)" "pc-q35-10.0  x" ;;
		-version) echo "QEMU emulator version 11.1.3 (Debian)" ;;
		"-object help") echo "  monitor-qmp" ;;
		esac'
	document=$(jq --arg p "$BATS_TEST_TMPDIR/bin" '.path = $p | .machine = "pc-q35-2.4,sata=on"' <<<"$none")
	refuse 'machine: qemu-system-x86_64 11.1.3 has no machine "pc-q35-2.4"; "machine" can be pc-q35-9.1 pc-q35-10.0' \
		"$document"
	run argv "$(jq '.machine = "pc-q35-10.0"' <<<"$document")"
	[[ "$output" = *$'-object\nmonitor-qmp,id=monitor0,chardev=qmp0' ]]
}

@test "argv gives a machine a screen and what to type and point with" {
	words=$(jq '.display = {width: 800, height: 600} | .inputs = ["keyboard", "mouse"]' <<<"$none" | emu-argv -Ns)
	[[ $words = *' -device virtio-gpu-pci,xres=800,yres=600 -device virtio-keyboard-pci -device virtio-mouse-pci'* ]]
	words=$(jq '.display = true | .inputs = ["touch"] | .target = "s390x"' <<<"$none" | emu-argv -Ns)
	[[ $words = *' -device virtio-gpu-ccw,xres=1280,yres=800 -device virtio-multitouch-ccw'* ]]
	words=$(jq '.display = false' <<<"$none" | emu-argv -Ns)
	[[ $words != *virtio-gpu* ]]
	refuse 'display.width: must be from 1 to 65535' "$(jq '.display = {width: 0}' <<<"$none")"
	refuse 'inputs[1]: expected "keyboard", "mouse" or "touch", not "pen"' \
		"$(jq '.inputs = ["mouse", "pen"]' <<<"$none")"
	run -0 emu-argv -p -s <<<"$(jq '.display = true | .inputs = ["keyboard", "mouse"]' <<<"$none")"
}

@test "argv asks an emulator once, until it changes" {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	emulator "echo x >>'$BATS_TEST_TMPDIR/asked'; echo monitor-qmp"
	document=$(jq --arg p "$BATS_TEST_TMPDIR/bin" '.path = $p' <<<"$none")
	for i in 1 2 3; do
		run argv "$document"
		[[ "$output" = *monitor-qmp,id* ]]
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 1 ]
	emulator "echo y >>'$BATS_TEST_TMPDIR/asked'"
	run argv "$document"
	[[ "$output" = *$'-mon\n'* ]]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 2 ]
	# Not what somebody else has written there, who may also keep it busy.
	: >"$BATS_TEST_TMPDIR/asked"
	asked=0
	[ "$(id -u)" -ne 0 ] || {
		chown 65534 "$XDG_CACHE_HOME"/emu/*
		asked=1
		run argv "$document"
		[[ "$output" = *$'-mon\n'* ]]
	}
	for file in "$XDG_CACHE_HOME"/emu/*; do
		rm "$file"
		mkfifo "$file"
	done
	timeout 60 emu-argv >/dev/null <<<"$document"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq $((asked + 1)) ]
	unset XDG_CACHE_HOME HOME
	for i in 1 2; do
		run argv "$document"
		[[ "$output" = *$'-mon\n'* ]]
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq $((asked + 3)) ]
}

@test "argv remembers that KVM works" {
	! no_kvm || return 0
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	emulator "echo x >>'$BATS_TEST_TMPDIR/asked'; printf k; exit 85"
	document=$(jq --arg p "$BATS_TEST_TMPDIR/bin" '.kvm = "auto" | .path = $p' <<<"$none")
	for i in 1 2 3; do
		run argv "$document" -N
		[[ "$output" = *$'-accel\nkvm\n'* ]]
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 1 ]
	run argv "$(jq '.cpu_model = "host,x=on"' <<<"$document")" -N
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 2 ]
	emulator "echo x >>'$BATS_TEST_TMPDIR/asked'; echo no luck >&2; exit 1"
	for i in 1 2; do
		auto 'no luck'
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 3 ]
	# An hour later it is asked again.
	sed -i 's/^[0-9]* no luck/1 no luck/' "$XDG_CACHE_HOME"/emu/*
	auto 'no luck'
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -eq 4 ]
}

@test "argv asks about KVM anew for another kernel, or other rights of /dev/kvm" {
	! no_kvm || return 0
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	cd "$BATS_TEST_TMPDIR"
	emulator "echo x >>'$PWD/asked'; printf k; exit 85"
	jq --arg p "$PWD/bin" '.kvm = "auto" | .path = $p' <<<"$none" >auto.json
	: >kvm
	chmod 600 kvm
	private=(unshare -m --propagation private)
	[ "$(id -u)" -eq 0 ] || private+=(-r)
	"${private[@]}" true || skip "no mount namespace"
	asked() { # asked TIMES [CMD...]: so often in all, after two runs of emu-argv under CMD
		for i in 1 2; do
			"${private[@]}" sh -euc 'mount --bind kvm /dev/kvm
				exec "$@" emu-argv -N auto.json' - "${@:2}" >words
			[ "$(tr '\0' '\n' <words | grep -c '^kvm$')" -eq 1 ]
		done
		[ "$(wc -l <asked)" -eq "$1" ] || { wc -l asked; false; }
	}
	asked 1
	asked 2 setarch --uname-2.6
	chmod 666 kvm
	asked 3
}

@test "argv asks an emulator that was replaced by one of the same size and time, or is elsewhere" {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	cd "$BATS_TEST_TMPDIR"
	emulator "echo x >>'$PWD/asked'; echo monitor-qmp"
	asked() { # asked TIMES DIRECTORY
		run -0 argv "$(jq --arg p "$2" '.path = $p' <<<"$none")"
		[[ "$output" = *monitor-qmp,id* ]]
		[ "$(wc -l <asked)" -eq "$1" ]
	}
	asked 1 "$PWD/bin"
	asked 1 "$PWD/bin"
	cp -p bin/qemu-system-x86_64 other
	mv other bin/qemu-system-x86_64
	asked 2 "$PWD/bin"
	cp -pR bin bin2
	asked 3 "$PWD/bin2"
	asked 3 "$PWD/bin"
	touch bin/qemu-system-x86_64
	asked 4 "$PWD/bin"
}

@test "argv refuses a command line that is too long for a PC's Linux" {
	cd "$BATS_TEST_TMPDIR"
	# boot_flag, HdrS, version 2.15, cmdline_size 100
	truncate -s 4096 kernel
	for t in '510 \x55\xaa' '514 HdrS\x0f\x02' '568 \x64\0\0\0'; do
		printf "${t#* }" | dd of=kernel bs=1 seek="${t%% *}" conv=notrunc status=none
	done
	document=$(jq --arg k "$PWD/kernel" '.images[0].path = $k' <<<"$linux")
	# console=ttyS0 panic=-1 and a space are 23.
	run -0 argv "$(jq '.args = ["x" * 77]' <<<"$document")"
	refuse "args: a command line of 101 bytes; $PWD/kernel takes at most 100" \
		"$(jq '.args = ["x" * 78]' <<<"$document")"
}

@test "argv refuses a disk without a format that begins as one of another than raw" {
	need qemu-img
	cd "$BATS_TEST_TMPDIR"
	for f in qcow2 vmdk vhdx vpc vdi qed; do
		qemu-img create -q -f $f disk.$f 8M
		document=$(jq --arg d "$PWD/disk.$f" '.images += [{name: "d", type: "blk", path: $d}] |
			.drives = [{image: "blk_d"}]' <<<"$none")
		run -1 emu-argv <<<"$document"
		[[ "$output" = "emu-argv: <stdin>: images[1].path: $PWD/disk.$f is "*": write \"format\": \"$f\", or \"raw\" to give the guest its bytes as they are" ]] ||
			{ echo "$output"; false; }
		for format in $f raw; do
			run argv "$(jq --arg f $format '.images[1].format = $f' <<<"$document")"
			[[ "$output" = *",format=$format,"* ]]
			run argv "$(jq --arg f $format '.drives[0].format = $f' <<<"$document")"
			[[ "$output" = *",format=$format,"* ]]
		done
	done
}

@test "argv's console follows the first serial line" {
	for t in 'x64 hvc0 virtconsole' 'x64 ttyS0 pci' 'x64 ttyS1 pci uart' 'arm64 ttyS0 pci uart' 'arm64 ttyAMA0 uart pci' \
		'x64 ttyS0 uart virtconsole'; do
		read -r target console kinds <<<"$t"
		run argv "$(jq --arg t "$target" --arg k "$kinds" '.target = $t |
			.serials = ($k / " " | map({kind: .}))' <<<"$linux")" -N
		[ "${lines[-1]}" = "console=$console panic=-1" ] || { echo "$t: ${lines[-1]}"; false; }
	done
	run emu-argv -eN <<<"$(jq '.serials = [{kind: "virtconsole"}]' <<<"$linux")"
	[[ "$output" = *$'\tconsole=hvc0\tserials[0]'* ]]
}

@test "argv gives each machine of a test its own addresses" {
	document=$(jq '.netdevs = [{backend: "user"}, {backend: "socket", mcast: "230.0.0.1:1234"}]' <<<"$none")
	run argv "$document"
	[[ "$output" != *mac=* ]]
	EMU_SCRATCH=/a run argv "$document"
	[ "$(grep -c ',mac=52:54:' <<<"$output")" -eq 2 ]
	[ "$(grep -o 'mac=.*' <<<"$output" | sort -u | wc -l)" -eq 2 ]
	first=$(grep -o 'mac=.*' <<<"$output")
	EMU_SCRATCH=/b run argv "$document"
	[ "$({ echo "$first"; grep -o 'mac=.*' <<<"$output"; } | sort -u | wc -l)" -eq 4 ]
	EMU_SCRATCH=/a run argv "$(jq '.netdevs[].mac = false' <<<"$document")"
	[[ "$output" != *mac=* ]]
}

fuchsia='{"target": "x64", "cpu": 1, "memory": 1, "images": [
	{"name": "qemu-kernel", "type": "kernel", "path": "/k"},
	{"name": "zircon-a", "type": "zbi", "path": "/z"}]}'

@test "argv takes the address of a guest fuchsia from its node name" {
	run argv "$(jq '.netdevs = [{backend: "user"}]' <<<"$fuchsia")"
	[[ "$output" = *',mac=52:54:00:63:5e:7a'* ]]
	run argv "$(jq '.nodename = "fuchsia-5254-ab12-34Cd"' <<<"$fuchsia")"
	[[ "$output" = *',mac=52:54:ab:12:34:Cd'* ]]
	for name in fuchsia-5354-ab12-34cd fuchsia-5254-ab12-34cdx fuchsia-5254-ab12-34cg x; do
		run argv "$(jq --arg n $name '.nodename = $n' <<<"$fuchsia")"
		[[ "$output" = *',mac=52:54:00:63:5e:7a'* ]]
	done
}

@test "argv gives a guest fuchsia the disk and the network of its era" {
	document=$(jq '.images += [{name: "storage-full", type: "blk", path: "/fvm"},
		{name: "storage-full", type: "fxfs-blk", path: "/fxfs"}] | .netdevs = [{backend: "user"}]' <<<"$fuchsia")
	for t in 2020:fvm 2023:fxfs 2024:fxfs 2026:fvm; do
		run argv "$(jq --arg f "${t%:*}" '.flavor = $f' <<<"$document")"
		[[ "$output" = *",file=/${t#*:},format=raw"* ]] || { echo "$t $output"; false; }
		[[ "$output" != *",file=/"*",file=/"* ]]
		case $t in 2020*) continue ;; esac
		[[ "$output" = *,vectors=8,netdev=net0* ]]
	done
	run argv "$(jq '.flavor = "2024" | .netdevs[0].options = {}' <<<"$document")"
	[[ "$output" != *vectors* ]]
}

@test "argv has ffx's words of 2026" {
	run argv "$(jq '.flavor = "2026" | .cpu = 4 | .entropy = "0" * 64' <<<"$fuchsia")"
	want=(qemu-system-x86_64 -kernel /k -initrd /z -machine q35,smbios-entry-point-type=32,i8042=off
		-cpu Haswell,+smap,-check,-fsgsbase -accel tcg,thread=single
		-device isa-debug-exit,iobase=0xf4,iosize=0x04 -fw_cfg name=etc/sercon-port,string=0
		-netdev tap,id=net0,ifname=qemu,script=no,downscript=no
		-device virtio-net-pci,mac=52:54:12:34:12:34,vectors=8,netdev=net0
		-chardev stdio,id=char0,signal=off -serial chardev:char0
		-smp 4,threads=2 -m 1 -vga none -parallel none -display none -monitor none -append)
	printf '%s\n' "${want[@]}" | diff - <(head -n -1 <<<"$output")
	[[ "${lines[-1]}" = 'TERM=dumb kernel.entropy-mixin=000'*' zircon.nodename=fuchsia-5254-1234-1234 kernel.serial=legacy' ]]
}

@test "argv takes botanist's later keys, and says which have no effect" {
	document=$(jq '.flavor = "2023" | .zbi_tool = "z" | .edk2_dir = "e" | .logfile = "/l"' <<<"$fuchsia")
	run --separate-stderr argv "$document"
	[ "$status" -eq 0 ]
	[ "$stderr" = "emu-argv: <stdin>: zbi_tool: has no effect here
emu-argv: <stdin>: edk2_dir: has no effect here; \"flash\" names the firmware" ]
	[[ "$output" = *$'-chardev\nstdio,id=char0,logfile=/l,signal=off\n'* ]]
	refuse 'emulator: has no effect here: use "cpu", "memory", "kvm", "flash" and "args"' \
		"$(jq '.emulator = {}' <<<"$fuchsia")"
	refuse 'logfile: each of "serials" has its own' "$(jq '.serials = [{}]' <<<"$document")"
}

@test "argv names bus and unit of drives on IDE, the first drive first" {
	document=$(jq '.images += [{name: "d", type: "blk", path: "/d"}] |
		.drives = [range(3) | {image: "blk_d", interface: "ide"}]' <<<"$none")
	run argv "$(jq '.machine = "pc"' <<<"$document")"
	[[ "$output" = *drive=drive0,bus=ide.0,unit=0*drive=drive1,bus=ide.0,unit=1*drive=drive2,bus=ide.1,unit=0* ]]
	run argv "$document"
	[[ "$output" = *drive=drive0,bus=ide.0*drive=drive1,bus=ide.1*drive=drive2,bus=ide.2* ]]
}

@test "argv gives a multiboot kernel its modules" {
	document=$(jq '.images += [{name: "m", type: "kernel", path: "/a,b"}, {name: "i", type: "initrd", path: "/i"}] |
		.kernel = "kernel_\(.images[0].name)" |
		.modules = [{image: "kernel_m", args: "one, two"}, {image: "initrd_i"}]' <<<"$none")
	run argv "$document"
	[[ "$output" = *$'-initrd\n/a,,b one,, two,/i\n'* ]] || { echo "$output"; false; }
	[ "$(grep -c -e -initrd <<<"$output")" = 1 ]
	refuse 'modules: excludes "initrd"' "$(jq '.initrd = "initrd_i"' <<<"$document")"
	refuse 'modules[0].image: missing' "$(jq '.modules = [{}]' <<<"$document")"
}

@test "argv gives floppies one controller, which has their boot index" {
	document=$(jq '.images += [{name: "d", type: "blk", path: "/d"}] |
		.drives = [range(2) | {image: "blk_d", interface: "floppy", boot: .}]' <<<"$none")
	run argv "$document"
	[ "$(grep -c '^isa-fdc$' <<<"$output")" = 1 ]
	[ "$(grep -E 'floppy|bootindex' <<<"$output")" = 'isa-fdc.bootindexA=0
floppy,drive=drive0
isa-fdc.bootindexB=1
floppy,drive=drive1' ]
	run argv "$(jq '.machine = "pc"' <<<"$document")"
	[ "$(grep -c '^isa-fdc$' <<<"$output")" = 0 ]
	[[ "$output" = *isa-fdc.bootindexA=0*floppy,drive=drive0* ]]
	refuse 'drives[0].interface: the machine has no bus for a floppy drive' \
		"$(jq '.target = "arm64"' <<<"$document")"
}

@test "argv's forwards listen on the host itself unless asked otherwise" {
	document=$(jq '.netdevs = [{backend: "user", forwards: [{host: 1, guest: 2},
		{host: 3, guest: 4, address: "0.0.0.0", protocol: "udp"}]}]' <<<"$none")
	run argv "$document"
	[[ "$output" = *,hostfwd=tcp:127.0.0.1:1-:2,hostfwd=udp:0.0.0.0:3-:4* ]]
	refuse 'netdevs[0].forwards[0].address: expected an IPv4 address' \
		"$(jq '.netdevs[0].forwards[0].address = "a,b"' <<<"$document")"
}

@test "argv says -bios none" {
	run argv "$(jq '.bios = "none"' <<<"$none")"
	[[ "$output" = *$'-bios\nnone\n'* ]]
}

@test "no string of a document becomes another property, as QEMU reads the words" {
	need python3 qemu-system-x86_64
	cd "$BATS_TEST_TMPDIR"
	run timeout 300 "$EMU_ROOT/tests/emu-argv/hostile" <("$EMU_BUILD/tests/emu-argv/vocabulary")
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "emu-env tells the address that QEMU gives to the device" {
	need qemu-system-x86_64
	for document in "$(jq '.netdevs = [{backend: "user"}]' <<<"$fuchsia")" \
		"$(jq '.user_networking = true | .nodename = "fuchsia-5254-0102-0304"' <<<"$fuchsia")" \
		"$(jq '.netdevs = [{backend: "user", mac: false}]' <<<"$fuchsia")" \
		"$(jq '.netdevs = [{backend: "user"}]' <<<"$none")" \
		"$(jq '.user_networking = true | .mac = "02:00:00:00:00:07"' <<<"$none")"; do
		for scratch in '' /s; do
			export EMU_SCRATCH=$scratch
			mapfile -d '' words < <(emu-argv -N <<<"$document")
			network=()
			for i in "${!words[@]}"; do
				case "${words[i]} ${words[i + 1]}" in
				'-netdev '* | '-device virtio-net'*) network+=("${words[@]:i:2}") ;;
				esac
			done
			run qemu-system-x86_64 -nodefaults -display none -S -monitor stdio \
				"${network[@]}" <<<$'info network\nquit'
			told=$(emu-env <<<"$document" | sed -n 's/^EMU_MAC=//p')
			[[ "${output,,}" = *"macaddr=${told,,}"* ]] || { echo "$told, $output"; false; }
		done
	done
}
