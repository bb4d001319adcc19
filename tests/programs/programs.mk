TEST_PARTS += $(B)/tests/programs/fortified.o
