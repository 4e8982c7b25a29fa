#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Proves that layering.py can fail: each test plants one mistake in a small, correct tree."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from layering import check  # noqa: E402  (it stands beside this file, wherever that is)

README = """
| module | duty | may include |
|---|---|---|
| `base` | errors | fmt |
| `system` | ports | base, fmt |
| `system/linux` | adapters | base, system, systemd, fmt |
| `plan` | compares | base, system, dtl, fmt |
| `features` | the list | plan, features/* |
| `features/*/rows` | rows | plan |
| `features/*/render` | adds | base, system |
"""
GOOD_TREE = {
    "lib/README.md": README,
    "lib/base/error.hpp": "#include <string>\n",
    "lib/base/address.cpp": '#include <arpa/inet.h>\n#include "base/address.hpp"\n',
    "lib/system/files.hpp": '#include "base/error.hpp"\n#include <fmt/format.h>\n',
    "lib/system/linux/files.cpp": '#include "system/files.hpp"\n#include <sys/stat.h>\n#include <systemd/sd-bus.h>\n',
    "lib/plan/plan.cpp": '#include "plan/plan.hpp"\n#include <dtl/dtl.hpp>\n#include "system/files.hpp"\n',
    "lib/plan/CMakeLists.txt": "timectl_module(plan SOURCES plan.cpp USES base system LIBRARIES x)\n",
    "lib/features/all.cpp": '#include "features/rtc/rows.hpp"\n#include "plan/plan.hpp"\n',
    "lib/features/CMakeLists.txt": "timectl_module(features SOURCES all.cpp USES plan features/rtc)\n",
    "lib/features/rtc/rows.hpp": '#include "plan/plan.hpp"\n',
    "lib/features/rtc/render_overlay.cpp": '#include "features/rtc/rows.hpp"\n#include "system/files.hpp"\n',
    "lib/features/rtc/CMakeLists.txt": "timectl_module(features/rtc SOURCES render.cpp USES base system plan)\n",
    "cli/main.cpp": '#include "app.hpp"\n#include <CLI/App.hpp>\n#include "plan/plan.hpp"\n',
    "tests/unit/plan_test.cpp": "\n" * 500,
}


class Layering(unittest.TestCase):
    def problems(self, **planted: str) -> str:
        with tempfile.TemporaryDirectory() as name:
            for path, text in (GOOD_TREE | planted.get("files", {})).items():
                file = Path(name, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return "\n".join(check(Path(name)))

    def planted(self, path: str, text: str) -> str:
        return self.problems(files={path: text})

    def test_a_correct_tree_has_no_problems(self):
        self.assertEqual(self.problems(), "")

    def test_an_arrow_that_is_not_in_the_table(self):
        found = self.planted("lib/base/error.cpp", '\n#include "system/files.hpp"\n')
        self.assertIn("lib/base/error.cpp:2: 'base' includes \"system/files.hpp\"", found)

    def test_a_library_that_is_not_in_the_table(self):
        self.assertIn("'base' includes <dtl/dtl.hpp>",
                      self.planted("lib/base/diff.cpp", "#include <dtl/dtl.hpp>\n"))

    def test_no_module_includes_a_feature(self):
        found = self.planted("lib/plan/plan.cpp", '#include "features/rtc/rows.hpp"\n')
        self.assertIn("'plan' includes \"features/rtc/rows.hpp\" of the feature 'rtc'", found)

    def test_no_feature_includes_another(self):
        found = self.planted("lib/features/dhcp/render.cpp", '#include "features/rtc/rows.hpp"\n')
        self.assertIn("'features/*/render' includes \"features/rtc/rows.hpp\" of the feature 'rtc'", found)

    def test_a_file_of_a_feature_has_the_arrows_of_its_name(self):
        found = self.planted("lib/features/rtc/render.cpp", '#include "plan/plan.hpp"\n')
        self.assertIn("'features/*/render' includes \"plan/plan.hpp\", the table has no arrow to 'plan'", found)

    def test_a_file_of_a_feature_has_a_name_of_the_table(self):
        found = self.planted("lib/features/nts_keys/chips.cpp", "#include <sys/stat.h>\n")
        self.assertIn("lib/features/nts_keys/chips.cpp: a file of a feature whose name is in no row", found)

    def test_a_feature_links_only_what_its_files_may_include(self):
        found = self.planted("lib/features/rtc/CMakeLists.txt", "timectl_module(features/rtc USES base cli features/dhcp)\n")
        self.assertIn("'features/rtc' USES 'cli'", found)
        self.assertIn("'features/rtc' USES 'features/dhcp'", found)

    def test_the_adapters_are_used_by_no_module_of_lib(self):
        self.assertIn("no arrow to 'system/linux'",
                      self.planted("lib/plan/plan.hpp", '#include "system/linux/linux.hpp"\n'))

    def test_lib_does_not_include_cli(self):
        self.assertIn("is in no module of lib", self.planted("lib/plan/plan.hpp", '#include "context.hpp"\n'))

    def test_os_headers_outside_the_adapters(self):
        for header in ("unistd.h", "sys/stat.h", "linux/rtc.h", "netinet/in.h", "errno.h"):
            with self.subTest(header):
                self.assertIn(f"OS header <{header}>",
                              self.planted("lib/plan/plan.hpp", f"#include <{header}>\n"))
        self.assertEqual("", self.planted("cli/main.cpp", "# include <unistd.h>\n"))

    def test_sd_bus_outside_the_adapters(self):
        self.assertIn("does not allow it 'systemd'",
                      self.planted("lib/plan/plan.hpp", "#include <systemd/sd-bus.h>\n"))

    def test_the_exception_for_addresses_is_for_that_file_only(self):
        self.assertIn("OS header <arpa/inet.h>",
                      self.planted("lib/base/text.cpp", "#include <arpa/inet.h>\n"))

    def test_a_module_that_is_not_in_the_table(self):
        self.assertIn("lib/extra: a module that lib/README.md does not list",
                      self.planted("lib/extra/extra.hpp", "\n"))

    def test_cmake_uses_more_than_the_table_allows(self):
        self.assertIn("'plan' USES 'system/linux'",
                      self.planted("lib/plan/CMakeLists.txt",
                                   "timectl_module(plan SOURCES plan.cpp\n  USES base system/linux)\n"))

    def test_arrows_in_a_circle(self):
        circle = README.replace("| `base` | errors | fmt |", "| `base` | errors | plan, fmt |")
        self.assertIn("the arrows make a circle", self.planted("lib/README.md", circle))

    def test_a_table_that_cannot_be_read(self):
        self.assertIn("no table of modules", self.planted("lib/README.md", "# nothing\n"))

    def test_a_unit_or_path_of_the_distribution_outside_of_platform(self):
        files = {"lib/README.md": README.replace("| `system` |", "| `platform` | names | fmt |\n| `system` |", 1),
                 "lib/platform/platform.hpp": 'inline constexpr auto unit = "chrony.service";\n',
                 "lib/plan/plan.cpp": '// "chrony.service"\nconst char* unit = "chrony.service";\n',
                 "lib/plan/rows.hpp": 'constexpr auto text = "chrony.service";\n'}
        self.assertEqual('lib/plan/plan.cpp:2: "chrony.service" is a name of lib/platform/platform.hpp',
                         self.problems(files=files))

    def platform_problems(self, line: str) -> str:
        """Of a file that has this line; platform has two headers."""
        names = 'constexpr auto conf = "/etc/chrony/conf.d";\nconstexpr auto etc = "/etc/chrony";\n'
        files = {"lib/README.md": README.replace("| `system` |", "| `platform` | names | fmt |\n| `system` |", 1),
                 "lib/platform/platform.hpp": names,
                 "lib/platform/network_backends.hpp": 'Row{.unit = "NetworkManager.service"}\n',
                 "lib/plan/plan.cpp": line + "\n"}
        return self.problems(files=files)

    def test_a_name_of_the_distribution_inside_a_longer_literal(self):
        self.assertEqual('lib/plan/plan.cpp:1: "NetworkManager.service" is a name of '
                         'lib/platform/network_backends.hpp',
                         self.platform_problems('auto remedy = "systemctl restart NetworkManager.service; x";'))
        for text in (r"confdir /etc/chrony/conf.d\n", r"say \"/etc/chrony/conf.d\"", "look in /etc/chrony/conf.d."):
            self.assertEqual('lib/plan/plan.cpp:1: "/etc/chrony/conf.d" is a name of lib/platform/platform.hpp',
                             self.platform_problems(f"""f(c == '"', "{text}");"""))
        self.assertIn('"/etc/chrony" is a name', self.platform_problems('auto path = "/etc/chrony/sources.d";'))

    def test_another_name_is_none_of_the_distribution(self):
        for text in ("/etc/chrony.conf", "/etc/chrony-old", "/usr/etc/chrony", "xNetworkManager.service",
                     "my-NetworkManager.service", "NetworkManager.service.d", "NetworkManager"):
            self.assertEqual("", self.platform_problems(f'auto text = "see {text}";'))
        self.assertEqual("", self.platform_problems('int a;  // "NetworkManager.service"'))

    def test_a_file_that_is_too_long(self):
        self.assertIn("401 lines, the limit is 400", self.planted("lib/plan/plan.hpp", "\n" * 401))
        self.assertIn("601 lines, the limit is 600", self.planted("tests/unit/plan_test.cpp", "\n" * 601))

    def test_a_function_that_is_too_long(self):
        body = "namespace timectl {\n\nint sum(int a) {\n" + "  a += 1;\n" * 59 + "  return a;\n}\n\n}\n"
        self.assertIn("lib/plan/sum.cpp:3: a function of 62 lines", self.planted("lib/plan/sum.cpp", body))
        table = "constexpr std::array keys{\n" + "    1,\n" * 80 + "};\n"
        self.assertEqual(self.planted("lib/plan/keys.cpp", table), "")


if __name__ == "__main__":
    unittest.main()
