load ../lib

# The completions as the real shells use them.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	: >a-file
	files=$EMU_ROOT/share/completions
}

# offered LINE...: what the shell offers for each has WORD, the word behind a ">".
offered() {
	local line
	for line; do
		run -0 complete_in "${line% > *}"
		[[ " ${output//[$'\n\r\t']/ } " = *"${line#* > }"* ]] || { echo "$line: $output"; false; }
	done
}

lines=('emu-argv - > -e' 'emu-run -A  > riscv64' 'emu-doc -k  > auto' 'emu-watch -f @ > @linux' 'emu-run - > -t' 'emu-run a-f > a-file')

@test "bash completes options, values and files" {
	complete_in() {
		local words
		IFS=' ' read -ra words <<<"$1"
		[[ $1 != *' ' ]] || words+=('')
		bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _emu "$1"; echo "${COMPREPLY[*]}"' - \
			"$files/emu.bash" "${words[@]}"
	}
	offered "${lines[@]}"
}

@test "fish completes options, values and files" {
	need fish
	mkdir -p conf
	for c in argv run doc watch; do cp "$files/emu.fish" "conf/emu-$c.fish"; done
	complete_in() {
		HOME=$PWD fish --no-config -c 'set fish_complete_path $argv[1]; complete -C $argv[2]' "$PWD/conf" "$1"
	}
	offered "${lines[@]}"
}

@test "zsh completes options, values and files" {
	need zsh expect
	cat >session <<-'EOT'
		set timeout 60
		log_user 1
		spawn -noecho zsh -f -i
		send "PS1='ready> '; fpath=([lindex $argv 0] \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=999; setopt nobeep; stty cols 200\r"
		expect "ready> "
		send "clear; print GO\r"
		expect -re "GO\r.*ready> "
		send "[lindex $argv 1]\t\t"
		expect -timeout 10 -ex "[lindex $argv 2]" { puts "\nFOUND [lindex $argv 2]" } timeout { puts "\nnothing" }
		send "\003"
		send "exit\r"
	EOT
	# What is typed already is not printed again.
	for line in 'emu-argv - > -e  -- explain' "${lines[@]:1:2}" 'emu-watch -f @ > @u-boot' 'emu-run - > -t  -- end' 'emu-run a-f > ile'; do
		run -0 timeout 100 expect session "$files" "${line% > *}" "${line#* > }"
		[[ $output = *FOUND* ]] || { echo "$line: $output"; false; }
	done
}
