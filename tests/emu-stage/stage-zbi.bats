# What emu-stage puts into a ZBI, and what it says of one.
load ../images

setup() {
	room
	zbi=$EMU_ROOT/tests/zbi.py
	"$zbi" z.zbi KRNL=kernel BFSB=files
	cp z.zbi before
	echo 'ssh-ed25519 AAAA me' >keys
	echo k >k
}

# doc KEYS: a document of guest fuchsia with these keys.
doc() {
	printf '{%s "images": [{"name": "qemu-kernel", "type": "kernel", "path": "k"},
		{"name": "zircon-a", "type": "zbi", "path": "z.zbi"%s}]}' "$1" "${2:-}"
}

staged=out/zbi_zircon-a

@test "stage puts keys, a command line and entropy into the copy of a ZBI" {
	digits=$(printf '%064d' 12345678)
	doc "\"authorized_keys\": \"keys\", \"cmdline\": \"a=b c\", \"entropy\": \"$digits\"," >doc.json
	emu-stage doc.json >new.json
	"$zbi" - $staged >items
	diff - items <<-'END'
		KRNL 0x10000 0x4a87e8d6 b'kernel'
		BFSB 0x10000 0x4a87e8d6 b'files'
		BTFL 0x10000 0x4a87e8d6 b'\x13ssh.authorized_keysssh-ed25519 AAAA me\n'
		CMDL 0x10000 0x4a87e8d6 b'a=b c\x00'
		RAND 0x10000 0x4a87e8d6 b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x124Vx'
	END
	cmp z.zbi before
	[ "$(jq -c '.images[1] | [.size, .staged]' new.json)" = "[$(stat -c %s $staged),true]" ]
	# What is staged has its items: a second pass changes nothing.
	cp $staged once
	emu-stage -d out new.json >/dev/null
	cmp once $staged
}

@test "stage -L copies a ZBI that gets items, and links one that does not" {
	emu-stage -L <<<"$(doc '"cmdline": "x",')" >/dev/null
	cmp z.zbi before
	[ "$(stat -c %h $staged)" -eq 1 ]
	rm out/*
	emu-stage -L <<<"$(doc '')" >/dev/null
	[ "$(stat -c %h $staged)" -eq 2 ]
}

@test "stage checks a ZBI's sha256 before items come to it" {
	sum=$(sha256sum <z.zbi)
	emu-stage <<<"$(doc '"cmdline": "x",' ", \"sha256\": \"${sum%% *}\"")" >new.json
	[ "$(jq -c '.images[1].sha256' new.json)" = null ]
	rm out/*
	expect_error 1 "emu-stage: z.zbi: has sha256 ${sum%% *}, not $(printf '%064d' 0)" \
		emu-stage <<<"$(doc '"cmdline": "x",' ", \"sha256\": \"$(printf '%064d' 0)\"")"
	left
}

@test "stage keeps a ZBI of a cache as it was extracted" {
	tar -cf t.tar z.zbi
	local n
	for n in 1 2; do
		doc '"cmdline": "x",' ', "extract": "z.zbi"' | sed 's/"path": "z.zbi"/"path": "t.tar"/' |
			emu-stage -c cache >/dev/null
		[ "$("$zbi" - $staged | cut -d ' ' -f 1 | paste -sd ' ')" = 'KRNL BFSB CMDL' ]
		rm out/*
	done
	cmp cache/image-* z.zbi
}

@test "stage pads its items with zeros whatever lies behind a ZBI's end" {
	printf 'behind the end' >>z.zbi
	emu-stage <<<"$(doc '"cmdline": "abc",')" >/dev/null
	"$zbi" - $staged >/dev/null
}

# refuses REASON WORD...: a ZBI changed so is refused, and nothing is left.
refuses() {
	"$zbi" z.zbi KRNL=kernel BFSB=files "${@:2}"
	expect_error 1 "emu-stage: z.zbi: $1" emu-stage <<<"$(doc '"cmdline": "x",')"
	left
	expect_error 1 "emu-stage: z.zbi: $1" emu-stage -I z.zbi
}

@test "stage names the place where a ZBI is not well formed" {
	refuses "byte 0: not a ZBI's container" at:0=0
	refuses "byte 0: not a ZBI's container" at:8=0
	refuses "byte 0: not the header of a ZBI's item" at:24=0
	refuses 'byte 4: a length that is not a multiple of 8' at:4=79
	refuses 'byte 4: ends at 120, the file at 112' at:4=88
	refuses 'byte 0: an item of an unknown version' at:12=0
	refuses "byte 72: not the header of a ZBI's item" at:96=1
	refuses 'byte 72: an item of an unknown version' at:84=0x20000
	refuses 'byte 72: a checksum that its flags do not know' at:100=5
	refuses "byte 72: an item that ends behind the ZBI's end" at:76=9
	refuses "byte 32: an item that ends behind the ZBI's end" at:36=0xffffffff
	refuses 'byte 72: a ZBI within a ZBI' at:72=0x544f4f42
	refuses 'byte 72: a header cut short' at:4=48
	head -c 31 before >z.zbi
	expect_error 1 'emu-stage: z.zbi: not a ZBI: too short' emu-stage -I z.zbi
}

@test "stage checks the checksums of a ZBI's items" {
	"$zbi" z.zbi KRNL+=kernel "BFSB+=$(yes files | head -c 100000)" CMDL=x
	emu-stage <<<"$(doc '"cmdline": "y",')" >/dev/null
	run -0 emu-stage -I z.zbi
	[ "$(jq -c '[.items[] | [.type, .flags]]' <<<"$output")" = '[["KRNL",196608],["BFSB",196608],["CMDL",65536]]' ]
	rm -f out/*
	damaged() {
		cp z.zbi good.zbi
		printf "$2" | dd of=z.zbi bs=1 seek="$1" conv=notrunc status=none
		expect_error 1 "emu-stage: z.zbi: $3" emu-stage -I z.zbi
		expect_error 1 "emu-stage: z.zbi: $3" emu-stage <<<"$(doc '"cmdline": "y",')"
		left
		cp good.zbi z.zbi
	}
	damaged 64 K 'byte 32: an item whose checksum is not that of its bytes'
	damaged 40 '\1' 'byte 32: an item whose checksum is not that of its bytes'
	damaged 100103 X 'byte 72: an item whose checksum is not that of its bytes'
	damaged 100 '\1' 'byte 72: an item whose checksum is not that of its bytes'
	damaged 14 '\3' 'byte 0: a container with a checksum'
}

@test "stage says which keys it cannot put into a ZBI" {
	expect_error 1 'emu-stage: gone: No such file or directory' emu-stage <<<"$(doc '"authorized_keys": "gone",')"
	: >empty
	expect_error 1 'emu-stage: empty: not a file of keys' emu-stage <<<"$(doc '"authorized_keys": "empty",')"
	expect_error 1 'emu-stage: <stdin>: authorized_keys: expected a string' emu-stage <<<"$(doc '"authorized_keys": 1,')"
	expect_error 1 'emu-stage: <stdin>: entropy: expected 64 hexadecimal digits' emu-stage <<<"$(doc '"entropy": "0x",')"
	expect_error 1 'emu-stage: <stdin>: authorized_keys: there is no zbi to add it to' \
		emu-stage <<<'{"authorized_keys": "keys", "guest": "none"}'
	left
}

@test "stage -I prints what a ZBI holds" {
	emu-stage <<<"$(doc '"authorized_keys": "keys", "cmdline": "a=b c",')" >/dev/null
	run -0 emu-stage -I $staged
	[ "$(jq -c '[.image, .end]' <<<"$output")" = "[\"$staged\",$(stat -c %s $staged)]" ]
	[ "$(jq -c '.items[] | [.type, .offset, .length, .text, .name]' <<<"$output")" = '["KRNL",32,6,null,null]
["BFSB",72,5,null,null]
["BTFL",112,40,null,"ssh.authorized_keys"]
["CMDL",184,6,"a=b c",null]' ]
	expect_error 1 'emu-stage: gone: No such file or directory' emu-stage -I gone
	expect_error 1 'emu-stage: out: not a regular file' emu-stage -I out
}
