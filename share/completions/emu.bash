# bash completion for the emu commands: option letters from the usage message,
# else files.
_emu() {
	local word=${COMP_WORDS[COMP_CWORD]}
	if [[ $word = -* ]]; then
		local letters
		letters=$("$1" -@ 2>&1 </dev/null | sed -n '/^usage:/,$p' |
			grep -oE -- '[[ |]-[A-Za-z]+' | grep -oE '[A-Za-z]' | sort -u)
		# shellcheck disable=SC2086 # letters are words
		mapfile -t COMPREPLY < <(compgen -W "$(printf -- '-%s ' $letters V)" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _emu emu-argv emu-cast emu-doc emu-env emu-fvm-extend \
	emu-init emu-ktap emu-run emu-scratch emu-spawn emu-stage emu-tally emu-unpack emu-watch
