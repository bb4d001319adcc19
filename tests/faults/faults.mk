TEST_PARTS += $(B)/tests/faults.so

# Without the build's own flags: it is no part of a sanitized program.
$(B)/tests/faults.so: tests/faults/faults.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -O1 -g \
	    -fPIC -shared -o $@ $< -ldl
