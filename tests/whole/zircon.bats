# Today's Fuchsia end to end: a product bundle whose kernel is our fake Zircon.
load ../lib

setup() {
	need qemu-system-x86_64 jq
	[ -e "$EMU_BUILD/demo-zircon" ] || skip "no demo guest for x64"
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p pb/devices
	cp "$EMU_BUILD/demo-zircon" pb/kernel
	"$EMU_ROOT/tests/zbi.py" pb/fuchsia.zbi KRNL=kernel BFSB=files 'CMDL=from.the=bundle'
	sparse
	echo '{"recommended": "small", "device_paths": {"small": "small.json"}}' >pb/devices/manifest.json
	echo '{"schema_id": "x", "data": {"name": "small", "type": "virtual_device", "hardware": {
		"cpu": {"arch": "x64", "count": 1}, "memory": {"quantity": 256, "units": "megabytes"},
		"storage": {"quantity": 16, "units": "megabytes"}}}}' >pb/devices/small.json
	echo '{"version": "2", "product_name": "fake.x64", "partitions": {"bootloader_partitions": []},
		"virtual_devices_path": "devices/manifest.json", "system_a": [
		{"type": "kernel", "name": "qemu-kernel", "path": "kernel"},
		{"type": "zbi", "name": "zircon-a", "path": "fuchsia.zbi"},
		{"type": "blk", "name": "fxfs.fastboot", "path": "fxfs.sparse"}]}' >pb/product_bundle.json
}

# sparse: an Android sparse image of an Fxfs of 1 MiB.
sparse() {
	python3 - <<-'END'
		import struct
		block = b"FxfsSuprdata" + bytes(4084)
		with open("pb/fxfs.sparse", "wb") as f:
		    f.write(struct.pack("<IHHHHIIII", 0xed26ff3a, 1, 0, 28, 12, 4096, 256, 2, 0))
		    f.write(struct.pack("<HHII", 0xcac1, 0, 1, 12 + 4096) + block)
		    f.write(struct.pack("<HHII", 0xcac3, 0, 255, 12))
	END
}

@test "a product bundle boots, and its kernel has its ZBI, arguments and disk" {
	# The directory or its product_bundle.json.
	timeout 100 emu-run -k no pb >line 2>err </dev/null || { cat line err; false; }
	tr -d '\r' <line >clean
	grep -F 'emu demo guest, x64' clean
	grep -Fx 'memory: 262144 KiB' clean
	grep -E '^arguments: .*TERM=dumb' clean
	grep -F 'disk: FxfsSuprdata' clean
	sed -n '/^item/,$p' clean >items
	diff - items <<-'END'
		item KRNL: 6 bytes
		item BFSB: 5 bytes
		item CMDL: 15 bytes
		command line: from.the=bundle
	END
	timeout 100 emu-run -k no pb/product_bundle.json </dev/null 2>err | tr -d '\r' | sed -n '/^item/,$p' |
		diff items -
}

@test "keys and a command line of the document reach the guest's ZBI" {
	echo 'ssh-ed25519 AAAA me' >keys
	emu-doc -k no pb | jq '.authorized_keys = "keys" | .cmdline = "from.the=document" | .flavor = "2026"' >doc.json
	timeout 100 emu-run doc.json >line 2>err </dev/null || { cat line err; false; }
	tr -d '\r' <line | sed -n '/^item BTFL/,$p' >items
	diff - items <<-'END'
		item BTFL: 40 bytes
		file ssh.authorized_keys:
		ssh-ed25519 AAAA me

		item CMDL: 18 bytes
		command line: from.the=document
	END
	cmp pb/kernel "$EMU_BUILD/demo-zircon"
	"$EMU_ROOT/tests/zbi.py" - pb/fuchsia.zbi >items
	[ "$(wc -l <items)" -eq 3 ]
}

@test "a Zircon that panics and halts is told of when its time is up" {
	emu-doc -k no pb | jq '.args = ["ZIRCON", "KERNEL", "PANIC", "hang"]' >doc.json
	run --separate-stderr timeout 100 emu-run -t 5 doc.json </dev/null
	[ "$status" -eq 124 ]
	[[ "$stderr" = *$'\nemu-run: the guest panicked: '*'ZIRCON KERNEL P'* ]] || { echo "$stderr"; false; }
	jq '.args = ["hang"]' doc.json >quiet.json
	run --separate-stderr timeout 100 emu-run -t 5 quiet.json </dev/null
	[ "$status" -eq 124 ]
	[[ "$stderr" != *panicked* ]]
}
