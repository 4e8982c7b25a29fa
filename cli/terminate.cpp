// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include <cstdlib>

// libstdc++'s handler prints the type of an exception that nothing caught. Where libstdc++ is
// linked statically it brings a demangler with it, 50 kB of a program that has a limit. main()
// catches everything, so it would only ever report a fault of timectl's own, which still ends in
// abort().
namespace __gnu_cxx {

void __verbose_terminate_handler() { std::abort(); }

}  // namespace __gnu_cxx
