// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// A PC without its CMOS clock. While the clock is synchronized the kernel writes it back every 11 minutes
// (kernel/time/ntp.c): to the CMOS clock of a PC, and to rtc0 only where there is none (-ENODEV).
#include <linux/kprobes.h>
#include <linux/module.h>

static int return_no_device(struct kprobe *probe, struct pt_regs *regs)
{
	regs->ax = -ENODEV;
	regs->ip = *(unsigned long *)regs->sp;
	regs->sp += sizeof(unsigned long);
	return 1;
}

// Without one the probe is optimized to a jump that ignores the changed address
// (Documentation/trace/kprobes.rst, "Changing Execution Path").
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe cmos = {
	.symbol_name = "mach_set_cmos_time",
	.pre_handler = return_no_device,
	.post_handler = after,
};

static int __init no_cmos_init(void)
{
	return register_kprobe(&cmos);
}

module_init(no_cmos_init);
MODULE_DESCRIPTION("lets the 11-minute mode write rtc0");
MODULE_LICENSE("GPL");
