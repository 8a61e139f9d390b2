"""The digest tool: what must make it fail does, what must not does not."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["SIROCCO_SOURCE_DIR"])
TOOL = SOURCE / "tools/abi/layout_digest.py"
COMPILER = sys.argv.pop(1) if len(sys.argv) > 1 else "cc"


class DigestTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        shutil.copytree(SOURCE / "core/abi", self.root / "core/abi")
        self.digest = self.root / "core/abi/digest.txt"
        code, text = self.run_tool("--update", "--force")
        if code == 77:
            self.skipTest("no 8-byte pointers")
        self.assertEqual(code, 0, text)

    def tearDown(self):
        self.folder.cleanup()

    def run_tool(self, *arguments):
        result = subprocess.run(
            [sys.executable, "-B", str(TOOL), "--cc", COMPILER, "--root", str(self.root),
             *arguments], capture_output=True, text=True)
        return result.returncode, result.stdout + result.stderr

    def edit(self, header, old, new):
        path = self.root / "core/abi/sirocco/abi" / header
        text = path.read_text()
        self.assertEqual(text.count(old), 1, f"{header}: {old}")
        path.write_text(text.replace(old, new))

    def raise_version(self, to):
        path = self.root / "core/abi/sirocco/abi/version.h"
        lines = [f"#define SIROCCO_ABI_VERSION {to}" if line.startswith("#define SIROCCO_ABI_VERSION ")
                 else line for line in path.read_text().splitlines()]
        path.write_text("\n".join(lines) + "\n")

    def version(self):
        return int(self.digest.read_text().splitlines()[1].split()[1])

    def refused(self, needle):
        before = self.digest.read_text()
        code, text = self.run_tool()
        self.assertEqual(code, 1, text)
        self.assertIn(needle, text)
        code, text = self.run_tool("--update")
        self.assertEqual(code, 1, text)
        self.assertIn("SIROCCO_ABI_VERSION is still", text)
        self.assertEqual(self.digest.read_text(), before)

    def test_unchanged(self):
        self.assertEqual(self.run_tool()[0], 0)

    def test_grown_struct(self):
        self.edit("host.h", "} sirocco_log_service;", "  int extra;\n} sirocco_log_service;")
        self.refused("+    16    4 extra: int")

    def test_swapped_members(self):
        self.edit("types.h", "  const char* data;\n  size_t size;", "  size_t size;\n  const char* data;")
        self.refused("sirocco_string")

    def test_enum_value(self):
        self.edit("types.h", "SIROCCO_DTYPE_F16 = 2", "SIROCCO_DTYPE_F16 = 22")
        self.refused("+constant SIROCCO_DTYPE_F16 22")

    def test_new_enum_value(self):
        self.edit("types.h", "SIROCCO_IO = 6,", "SIROCCO_IO = 6,\n  SIROCCO_NEW = 60,")
        self.refused("+constant SIROCCO_NEW 60")

    def test_interface_id(self):
        self.edit("backend.h", '"sirocco.backend/0"', '"sirocco.backend/1"')
        self.refused("sirocco.backend/1")

    def test_signature(self):
        # Same size and offset: only the declaration tells.
        self.edit("plugin.h", "void (*shutdown)(void);", "int (*shutdown)(void);")
        self.refused("shutdown: int(*)(void)")

    def test_parameter_type(self):
        self.edit("plugin.h", "const void* (*get_interface)(const char* id);",
                  "const void* (*get_interface)(char* id);")
        self.refused("get_interface: const void*(*)(char*)")

    def test_names_and_comments_do_not_matter(self):
        self.edit("plugin.h", "const void* (*get_interface)(const char* id);",
                  "/* new words */ const void*   (*get_interface)(const char* name);")
        self.assertEqual(self.run_tool(), (0, ""))

    def test_raised_version_needs_update(self):
        new = self.version() + 1
        self.edit("host.h", "} sirocco_log_service;", "  int extra;\n} sirocco_log_service;")
        self.raise_version(new)
        code, text = self.run_tool()
        self.assertEqual(code, 1)
        self.assertIn("--update", text)
        self.assertEqual(self.run_tool("--update")[0], 0)
        self.assertEqual(self.run_tool()[0], 0)
        self.assertEqual(self.version(), new)

    def test_version_cannot_go_back(self):
        self.raise_version(self.version() - 1)
        code, text = self.run_tool("--update")
        self.assertEqual(code, 1)
        self.assertIn("went back", text)

    def test_force(self):
        self.edit("host.h", "} sirocco_log_service;", "  int extra;\n} sirocco_log_service;")
        self.assertEqual(self.run_tool("--update", "--force")[0], 0)
        self.assertEqual(self.run_tool()[0], 0)

    def test_edited_by_hand(self):
        self.digest.write_text(self.digest.read_text().replace("constant SIROCCO_OK 0",
                                                               "constant SIROCCO_OK 1"))
        code, text = self.run_tool()
        self.assertEqual(code, 1)
        self.assertIn("by hand", text)

    def test_missing(self):
        self.digest.unlink()
        code, text = self.run_tool()
        self.assertEqual(code, 1)
        self.assertIn("does not exist", text)

    def test_unknown_form(self):
        self.edit("types.h", "typedef int32_t sirocco_status;",
                  "typedef int32_t sirocco_status;\nunion sirocco_both { int a; };")
        code, text = self.run_tool()
        self.assertEqual(code, 1)
        self.assertIn("not measured", text)

    def test_does_not_compile(self):
        self.edit("types.h", "typedef int32_t sirocco_status;",
                  "typedef int32_t sirocco_status;\ntypedef struct sirocco_x { nowhere_t a; } "
                  "sirocco_x;")
        code, text = self.run_tool()
        self.assertEqual(code, 1)
        self.assertIn("do not compile", text)


if __name__ == "__main__":
    unittest.main()
