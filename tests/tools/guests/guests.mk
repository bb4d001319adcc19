guests: all $(B)/demo-x64 ## boots what Debian has, and writes man/emu-guests.7
	EMU_BUILD='$(abspath $(B))' tests/tools/guests/guests >$(B)/guests.7
	cp $(B)/guests.7 man/emu-guests.7
.PHONY: guests
