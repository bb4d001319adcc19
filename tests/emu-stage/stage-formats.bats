# Every format of archive, by every way in, with every option.
load ../images

setup() {
	need zstd xz lz4 zip 7zr cpio genisoimage
	room
	mkdir in
	mkfifo pipe
	head -c 30000 /dev/urandom >in/k
	{ head -c 5000 /dev/urandom; head -c 200000 /dev/zero; echo end; } >in/d
	k=$(sha256sum <in/k) d=$(sha256sum <in/d)
}

# make_archive FORMAT: the archive a of the two images.
make_archive() {
	cd in
	case $1 in
	tar) tar -cf ../a k d ;;
	tar.gz) tar -czf ../a k d ;;
	tar.zst) tar -cf - k d | zstd -q >../a ;;
	tar.xz) tar -cJf ../a k d ;;
	tar.lz4) tar -cf - k d | lz4 -q >../a ;;
	zip) zip -q ../a.zip k d && mv ../a.zip ../a ;;
	7z) 7zr a -bd ../a.7z k d >/dev/null && mv ../a.7z ../a ;;
	cpio) printf '%s\n' k d | cpio -o --quiet -H newc >../a ;;
	iso) genisoimage -quiet -R -o ../a . ;;
	esac
	cd ..
}

# doc WHAT: the document; WHAT: none, right, sha256 or size (which is wrong).
doc() {
	local path='"path":' extra
	[ -z "$source" ] || path="\"path\":\"$source\",\"extract\":"
	case $1 in
	right) extra=",\"sha256\":\"${d:0:64}\",\"size\":205004" ;;
	sha256) extra=",\"sha256\":\"${k:0:64}\"" ;;
	size) extra=',"size":205005' ;;
	esac
	echo "{\"guest\":\"none\",\"images\":[{\"name\":\"k\",\"type\":\"kernel\",$path\"k\"},
		{\"name\":\"d\",\"type\":\"blk\",$path\"d\"$extra}]}" >doc.json
}

# stage_by WAY ARG...: emu-stage on doc.json, by this way; leaves its status.
stage_by() {
	local way=$1 feeder=
	shift
	case $way in
	*fifo)
		timeout 20 cat a >pipe 2>/dev/null 3>&- &
		feeder=$!
		;;
	esac
	case $way in
	file) set -- -x a "$@" ;;
	pipe | stdin) set -- -x - "$@" ;;
	fifo) set -- -x pipe "$@" ;;
	esac
	got=0
	case $way in
	pipe) cat a 2>/dev/null | timeout 60 emu-stage -d out "$@" doc.json >new.json 2>err ;;
	stdin) timeout 60 emu-stage -d out "$@" doc.json <a >new.json 2>err ;;
	*) timeout 60 emu-stage -d out "$@" doc.json >new.json 2>err </dev/null ;;
	esac || got=$?
	[ -z "$feeder" ] || wait "$feeder" || :
}

# good WAY ARG...: both images are there and right.
good() {
	stage_by "$@"
	if [ $got -ne 0 ] || ! cmp in/k out/kernel_k || ! cmp -n 205004 in/d "${disk:-out/blk_d}" ||
		[ "$(grep -c '"staged": true' new.json)" -ne 2 ]; then
		echo "$*: $got $(cat err)"
		return 1
	fi
	rm out/*
}

# bad LINE WAY ARG...: the last words of one line on stderr, and nothing else.
bad() {
	local line=$1
	shift
	stage_by "$@"
	if [ $got -ne 1 ] || [[ "$(cat err)" != *"$line" ]] || [ "$(wc -l <err)" -ne 1 ] ||
		[ -s new.json ] || [ -n "$(ls -A out)" ]; then
		echo "$*: $got $(cat err) $(ls -A out)"
		return 1
	fi
}

# options WAY [kept]: all of them; kept: the cache works for it.
options() {
	local way=$1 found=0
	doc none
	good "$way" -L
	[ ! -s err ]
	good "$way" -o
	[ ! -s err ]
	rm -rf cache
	good "$way" -c cache
	good "$way" -v -c cache
	found=$(grep -c 'from the cache, ' err) || :
	[ "$found" -eq "$([ "${2:-}" = kept ] && echo 2 || echo 0)" ]
	if [ "${2:-}" = kept ]; then
		disk=out/blk_d.base good "$way" -o -c cache
		grep -q '"format": "qcow2"' new.json
	fi
	bad ': larger than 205003 bytes' "$way" -M 205003
	doc right
	good "$way" -v -M 205004
	[ "$(grep -c ': extracted, ' err)" -eq 2 ]
	doc sha256
	bad ": has sha256 ${d:0:64}, not ${k:0:64}" "$way"
	doc size
	bad ': has 205004 bytes, not the 205005 of its size' "$way"
}

# every FORMAT: by every way in.
every() {
	make_archive "$1"
	source=
	options file kept
	options stdin
	if [ "$1" = 7z ]; then
		doc none
		bad ': this format cannot be streamed, it must be a file' pipe
		bad ': this format cannot be streamed, it must be a file' fifo
	else
		options pipe
		options fifo
	fi
	source=a
	options entry kept
	source=pipe
	if [ "$1" = 7z ]; then
		doc none
		bad ': this format cannot be streamed, it must be a file' entry-fifo
	else
		options entry-fifo
	fi
}

@test "stage: tar, every way, every option" { every tar; }
@test "stage: tar.gz, every way, every option" { every tar.gz; }
@test "stage: tar.zst, every way, every option" { every tar.zst; }
@test "stage: tar.xz, every way, every option" { every tar.xz; }
@test "stage: tar.lz4, every way, every option" { every tar.lz4; }
@test "stage: zip, every way, every option" { every zip; }
@test "stage: 7z, every way, every option" { every 7z; }
@test "stage: cpio, every way, every option" { every cpio; }
@test "stage: iso, every way, every option" { every iso; }
