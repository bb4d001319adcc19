TEST_PARTS += $(B)/tests/emu-stage/haste.so

# Without the build's own flags: it is no part of a sanitized program.
$(B)/tests/emu-stage/haste.so: tests/emu-stage/haste.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra -O1 -fPIC -shared -o $@ $< -ldl
