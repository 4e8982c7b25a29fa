// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "base/time.hpp"
#include "system/chrony_files.hpp"
#include "system/network.hpp"

#include <optional>
#include <string>
#include <vector>

/// What chronyd has in force on a machine, and what of it keeps chronyd from what timectl's files
/// say.
namespace timectl::facts {

struct Facts;  // facts/facts.hpp

struct Chrony {
  system::ChronyFiles now;  ///< as chronyd reads it
  /// As it will read it with `block` as timectl's block in chrony.conf.
  system::ChronyFiles planned;
  /// The lines by which chronyd reads timectl's directories; "" where it does without them.
  std::string block;
  /// The options of the unit that have chronyd read another file, with their place; "" without.
  std::string elsewhere;
  /// Reference clocks whose device is not there; none for an offline root.
  std::vector<system::ChronyDirective> without_device;
  bool may_go = false;  ///< --take-over

  /// chronyd does not start with the pair, so it cannot be intended.
  bool is_refused() const;
  /// Nothing but what setup_rtc_ntp.sh writes, in chrony.conf itself.
  bool is_of_script() const;
};

/// nullopt: chrony is not there, and its package brings its own chrony.conf.
std::optional<Chrony> read_chrony(const system::FileReader& files, bool is_installed,
                                  bool is_running);

/// What a host needs of chronyd.
struct ChronyDuty {
  std::vector<Subnet> allowed;          ///< that it serves; none: it does not
  std::vector<IpAddress> addresses;     ///< at which it serves
  std::vector<std::string> interfaces;  ///< of those, where they are known
  /// The root distance up to which it follows a source; nullopt: as far as chronyd would.
  std::optional<Seconds> max_distance = {};
  /// That the host has or is to have, besides those at which it serves; none: not known.
  std::vector<IpAddress> own_addresses = {};

  void add_own(const std::vector<system::Interface>& all);
  /// On `interface`, else where the machine has the address.
  void add(const IpAddress& address, const std::optional<std::string>& interface,
           const Facts& facts);
};

struct ChronyObstacle {
  std::string place;                           ///< "/etc/chrony/chrony.conf line 4 ('port 0')"
  std::string reason;                          ///< "closes the port that this host serves at"
  std::vector<system::ChronyDirective> lines;  ///< that are in the way
};

/// The directives of others that stand against it, in what was read (`now` or `planned`).
std::vector<ChronyObstacle> obstacles_in(const system::ChronyFiles& read, const ChronyDuty& duty);

/// Of others, in the order of `read`: the directives by which chronyd denies more than a single
/// address of the networks that timectl's drop-in allows, those included that are in force only
/// without the others.
struct Denials {
  std::vector<const system::ChronyDirective*> directives;
  std::size_t steps = 0;  ///< what was looked at: a small multiple of the number of lines
};
Denials denials_in(const system::ChronyFiles& read, const std::vector<Subnet>& allowed);

/// Of each network that others' `allow` lines name an address that is not in `allowed`: its first,
/// else its last. Names of hosts aside; no more than `most`. Whether chronyd answers them another
/// line may decide.
std::vector<IpAddress> named_besides(const system::ChronyFiles& read,
                                     const std::vector<Subnet>& allowed, std::size_t most);

/// File and line; the line's text only where every user may read it.
std::string place_of(const system::ChronyDirective& directive);

}  // namespace timectl::facts
