/* A module that lets the kernel fail in the way that is written to
 * /proc/mischief. It made the logs in ../logs. */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

static DEFINE_SPINLOCK(lock);

static int
spin(void *nothing)
{
	spin_lock(&lock);
	for (;;)
		cpu_relax();
	return 0;
}

static int
hang(void *nothing)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(600 * HZ);
	return 0;
}

static ssize_t
mischief_write(
    struct file *file, const char __user *from, size_t len, loff_t *at)
{
	char word[16] = "";

	if (len >= sizeof(word) || copy_from_user(word, from, len))
		return -EINVAL;
	strim(word);
	if (!strcmp(word, "null"))
		*(volatile int *)8 = 1;
	if (!strcmp(word, "gpf"))
		*(volatile int *)0xdead000000000100 = 1;
	if (!strcmp(word, "bug"))
		BUG();
	if (!strcmp(word, "warn"))
		WARN(1, "mischief: %d is wrong\n", 42);
	if (!strcmp(word, "atomic")) {
		spin_lock(&lock);
		msleep(10);
		spin_unlock(&lock);
	}
	if (!strcmp(word, "spin"))
		kthread_run(spin, NULL, "spinner");
	if (!strcmp(word, "hang"))
		kthread_run(hang, NULL, "hanger");
	return len;
}

static const struct proc_ops mischief_ops = {.proc_write = mischief_write};

static int __init
mischief_init(void)
{
	return proc_create("mischief", 0200, NULL, &mischief_ops) ? 0 : -ENOMEM;
}
module_init(mischief_init);
MODULE_LICENSE("GPL");
