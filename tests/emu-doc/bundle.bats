load ../lib

# A product bundle as the SDK lays it out.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export HOME=$PWD XDG_CONFIG_HOME=
	mkdir -p pb/virtual_devices pb/system_a
	echo kernel >pb/system_a/kernel.bin
	echo zbi >pb/system_a/fuchsia.zbi
	truncate -s 8M pb/system_a/fxfs.sparse.blk pb/system_a/fvm.blk
	bundle '{"type": "blk", "name": "fxfs.fastboot", "path": "system_a/fxfs.sparse.blk"}'
	echo '{"recommended": "big", "device_paths": {"big": "big.json", "small": "small.json"}}' \
		>pb/virtual_devices/manifest.json
	device big 4 8 gigabytes 20 '"audio": {"model": "hda"}, "window_size": {"width": 1, "height": 1, "units": "pixels"}, "vsock": {"enabled": true, "cid": 0}' \
		', "ports": {"ssh": 22, "mdns": 5353}'
	device small 1 512 megabytes 2 '"vsock": {"enabled": true, "cid": 7}' ''
}

# bundle IMAGE...: with these images beside the kernel and the zbi.
bundle() {
	local IFS=,
	local images="$*"
	cat >pb/product_bundle.json <<-END
		{"version": "2", "product_name": "minimal.x64", "partitions": {"bootloader_partitions": []},
		 "virtual_devices_path": "virtual_devices/manifest.json", "repositories": [], "system_b": null,
		 "system_a": [{"type": "vbmeta", "name": "zircon-a", "path": "system_a/vbmeta"},
		  {"type": "zbi", "name": "zircon-a", "path": "system_a/fuchsia.zbi", "signed": false},
		  {"type": "kernel", "name": "qemu-kernel", "path": "system_a/kernel.bin"}${images:+,$images}]}
	END
}

# device NAME CPUS MEMORY UNITS STORAGE-GIB HARDWARE DATA
device() {
	cat >"pb/virtual_devices/$1.json" <<-END
		{"schema_id": "x", "data": {"name": "$1", "type": "virtual_device"$7, "hardware": {
		 "cpu": {"arch": "x64", "count": $2}, "memory": {"quantity": $3, "units": "$4"},
		 "storage": {"quantity": $5, "units": "gigabytes"}, $6}}}
	END
}

@test "a product bundle is the machine of its recommended virtual device" {
	run -0 --separate-stderr emu-doc pb/product_bundle.json
	[ "$stderr" = "emu-doc: $PWD/pb/virtual_devices/big.json: left out: audio" ]
	jq -S . <<<"$output" >got
	jq -S . <<-END | diff - got
		{"guest": "fuchsia", "target": "x64", "kvm": "auto", "cpu": 4, "memory": 8192, "storage": 21474836480, "display": {"width": 1, "height": 1},
		 "vsock": {"cid": "auto"},
		 "netdevs": [{"backend": "user", "forwards": [{"host": 0, "guest": 22}, {"host": 0, "guest": 5353}]}],
		 "images": [
		  {"name": "qemu-kernel", "type": "kernel", "path": "$PWD/pb/system_a/kernel.bin"},
		  {"name": "zircon-a", "type": "zbi", "path": "$PWD/pb/system_a/fuchsia.zbi"},
		  {"name": "storage-full", "type": "blk", "path": "$PWD/pb/system_a/fxfs.sparse.blk", "convert": "raw"}]}
	END
	run -0 --separate-stderr emu-doc pb
	[ "$(jq -S . <<<"$output")" = "$(cat got)" ]
	cd pb
	run -0 --separate-stderr emu-doc product_bundle.json
	[ "$(jq -S . <<<"$output")" = "$(sed 's|/pb/|/pb/./|' ../got)" ]
}

@test "the virtual device can be chosen by its name" {
	[ "$(emu-doc -n small pb | jq -c '[.cpu, .memory, .storage, .vsock.cid, .user_networking]')" = '[1,512,2147483648,7,true]' ]
	[ "$(emu-doc -n small -m 1000 -c 2 -f 8022:22 pb | jq -c '[.cpu, .memory, .netdevs[0].forwards[0].host]')" = '[2,1000,8022]' ]
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/manifest.json: no virtual device huge: there are big small (-n)" \
		emu-doc -n huge pb
	echo '{"device_paths": {"a": "a.json"}}' >pb/virtual_devices/manifest.json
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/manifest.json: no virtual device is recommended: there are a (-n)" \
		emu-doc pb
	echo '{"target": "x64"}' >d.json
	expect_error 1 'emu-doc: -n big: no product bundle' emu-doc -n big d.json
	sed -i '/virtual_devices_path/s/"virtual_devices_path": [^,]*, //' pb/product_bundle.json
	expect_error 1 'emu-doc: -n big: the bundle has no virtual devices' emu-doc -n big pb
	# Then the target is the kernel's.
	printf 'ARM\x64' | dd of=pb/system_a/kernel.bin bs=1 seek=56 status=none
	[ "$(emu-doc pb | jq -c '[.target, .cpu, .memory, .storage]')" = '["arm64",4,4096,null]' ]
}

@test "a virtual device's window and inputs are the machine's" {
	window='"window_size": {"width": 1280, "height": 720, "units": "pixels"}'
	device big 4 8 gigabytes 20 "$window, \"inputs\": {\"pointing_device\": \"mouse\"}" ''
	run -0 --separate-stderr emu-doc -k no pb
	[ "$stderr" = '' ]
	words=$(emu-argv -s <<<"$output")
	[[ $words = *' -device virtio-gpu-pci,xres=1280,yres=720 -device virtio-keyboard-pci -device virtio-mouse-pci '* ]]
	device big 4 8 gigabytes 20 '"inputs": {"pointing_device": "none"}' ''
	[ "$(emu-doc pb | jq -c '[.display, .inputs]')" = '[null,["keyboard"]]' ]
	device big 4 8 gigabytes 20 '"inputs": {"pointing_device": "pen"}' ''
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/big.json: hardware.inputs.pointing_device: expected mouse, touch or none, not pen" \
		emu-doc pb
	device big 4 8 gigabytes 20 "${window/pixels/metres}" ''
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/big.json: hardware.window_size: expected a width and a height in pixels" \
		emu-doc pb
	device big 4 8 gigabytes 20 '"vsock": 7' ''
	run -1 --separate-stderr emu-doc pb
	[[ $stderr = "emu-doc: $PWD/pb/virtual_devices/big.json: Expected object, got integer"* ]]
}

@test "a bundle's disk is its volume, else its Fxfs, and none is said" {
	bundle '{"type": "blk", "name": "fxfs.fastboot", "path": "system_a/fxfs.sparse.blk"}' \
		'{"type": "blk", "name": "storage-full", "path": "system_a/fvm.blk"}'
	[ "$(emu-doc -n small pb | jq -c '.images[2] | [.path, .convert]')" = "[\"$PWD/pb/system_a/fvm.blk\",null]" ]
	bundle
	run -0 --separate-stderr emu-doc -n small pb
	[ "$stderr" = 'emu-doc: pb/product_bundle.json: no disk: system_a has neither blk storage-full nor blk fxfs.fastboot' ]
}

@test "a bundle that is not understood is refused" {
	cp pb/product_bundle.json whole.json
	edit() {
		jq "$1" whole.json >pb/product_bundle.json
	}
	edit '.version = "3"'
	expect_error 1 'emu-doc: pb/product_bundle.json: a product bundle of version 3; version 2 is known' emu-doc pb
	edit 'del(.system_a[2])'
	expect_error 1 'emu-doc: pb/product_bundle.json: system_a: no kernel qemu-kernel' emu-doc pb
	edit '.system_a = null'
	expect_error 1 'emu-doc: pb/product_bundle.json: system_a: no kernel qemu-kernel' emu-doc pb
	edit '.partitions.bootloader_partitions = [{"type": "efi-shell", "image": "disk.img"}]'
	expect_error 1 'emu-doc: pb/product_bundle.json: a product bundle whose disk UEFI starts: boot that (uefi:disk.img)' emu-doc pb
	edit .
	expect_error 1 'emu-doc: pb/product_bundle.json: a product bundle beside other files' emu-doc pb whole.json
	sed -i 's/"gigabytes"/"furlongs"/' pb/virtual_devices/small.json
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/small.json: hardware.storage: expected a quantity and units" \
		emu-doc -n small pb
	rm pb/virtual_devices/big.json
	expect_error 1 "emu-doc: $PWD/pb/virtual_devices/big.json: No such file or directory" emu-doc pb
	mkdir empty
	expect_error 1 'emu-doc: empty: Is a directory' emu-doc empty
}

@test "a bundle goes through the filters, its disk as large as the device wants" {
	need jq
	"$EMU_BUILD/tests/emu-fvm-extend/image" make pb/system_a/fvm.blk 32768 aab.DbD..a.b....
	bundle '{"type": "blk", "name": "storage-full", "path": "system_a/fvm.blk"}'
	mkdir -m 700 scratch
	export EMU_SCRATCH=$PWD/scratch
	emu-doc -k no -n small pb | emu-stage | emu-fvm-extend | emu-argv >words
	"$EMU_BUILD/tests/emu-fvm-extend/image" check scratch/blk_storage-full 2147483648
	tr '\0' '\n' <words | grep -Fx -e '-m' -A 1 | grep -Fx 512
}
