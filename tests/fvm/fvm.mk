# What the FVM tests need: a builder and judge of images that shares no code with
# the command, and unit tests of the command's pure functions.
TEST_PARTS += $(B)/tests/fvm/image
$(B)/tests/fvm/image: $(B)/tests/fvm/image.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)
