# shellcheck shell=bash
# guest [OPTION...] -- CMD...: runs it in the amd64 kernel $KERNEL, else $K, with the
# modules of $G.
guest() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	timeout 120 emu-run -k no -t 100 "${options[@]}" -K "$G"/lib/modules/* "${KERNEL:-$K}" "$@"
}
