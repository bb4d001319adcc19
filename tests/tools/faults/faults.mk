TEST_PARTS += $(B)/tests/tools/faults.so

# Without the build's own flags: it is no part of a sanitized program.
$(B)/tests/tools/faults.so: tests/tools/faults/faults.c
	@mkdir -p $(@D)
	$(call short,CC,$@)$(CC) -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -O1 -g \
	    -fPIC -shared -o $@ $< -ldl
