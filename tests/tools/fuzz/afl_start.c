/* In each process that AFL starts, before main: what the last one made would
 * be in the way of emu-unpack. */
#include <unistd.h>

__attribute__((constructor)) static void
tidy(void)
{
	unlink("k");
}
