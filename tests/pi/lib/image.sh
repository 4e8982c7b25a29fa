# shellcheck shell=bash
# What a Pi's card has beside a host of the lab: the same layers as a full machine's (vm/lib/image.sh), for
# arm64 and with Debian's kernel as it is, which has the drivers of the Pi's bus and of the RTC.

machine_packages() { lines "$pi_dir/packages"; }
machine_key() { cat "$vm_dir/lib/image.sh" "$pi_dir/lib/image.sh" "$pi_dir/packages" | sha256sum | cut -c1-10; }
build_modules() { :; }
# shellcheck disable=SC2034  # vm/lib/image.sh writes them down
initramfs_modules='ext4 crc32c_generic bcm2835 sdhci_iproc mmc_block'

# The board's own description, which the firmware hands to the kernel.
device_tree() { echo "$(machine_layer)"/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb; }
