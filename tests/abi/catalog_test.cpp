// Search order, shadowing, aliases, and what the catalog says when a plugin is not there.

#include "loader/catalog.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>
#include <thread>

#include "catch.hpp"
#include "folder.hpp"
#include "loader/catalog_report.hpp"

namespace sirocco {
namespace {

using Status = Candidate::Status;

PluginCatalog scan(PluginSearch search) {
  search.use_environment = false;
  return PluginCatalog::scan(search, {});
}

std::string load_error(const PluginCatalog& catalog, const std::string& name) {
  try {
    catalog.load(name);
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::plugin);
    return e.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the first file of a name wins, in the order of the search") {
  const Folder command_line, deployment, environment, installation;
  for (const Folder* folder : {&command_line, &deployment, &environment, &installation})
    folder->copy("good", "good.so");
  const Variable variable("SIROCCO_PLUGIN_PATH", ":" + environment.path().string() + ":");
  PluginSearch search;
  search.command_line = {command_line.path()};
  search.deployment = {deployment.path()};
  search.install_dir = installation.path();
  const PluginCatalog catalog = PluginCatalog::scan(search, {});

  REQUIRE(catalog.searched().size() == 4);
  CHECK(catalog.searched()[0].origin == "--plugin-path");
  CHECK(catalog.searched()[1].origin == "deployment");
  CHECK(catalog.searched()[2].origin == "SIROCCO_PLUGIN_PATH");
  CHECK(catalog.searched()[3].origin == "installation");
  REQUIRE(catalog.candidates().size() == 4);
  CHECK(catalog.find("good")->file == command_line / "good.so");
  for (size_t i = 1; i < 4; ++i) {
    CHECK(catalog.candidates()[i].status == Status::shadowed);
    CHECK(catalog.candidates()[i].reason == "shadowed by " + (command_line / "good.so").string());
  }
  CHECK(catalog.load("good")->path() == command_line / "good.so");
}

TEST_CASE("an alias that names only a file finds it on the search path") {
  const Folder first, second;
  second.copy("good", "good.so");
  PluginSearch search;
  search.command_line = {first.path(), second.path()};
  search.aliases = {{"other", "good.so"}, {"nowhere", "bad.so"}};
  const PluginCatalog catalog = scan(search);
  REQUIRE(catalog.find("other") != nullptr);
  CHECK(catalog.find("other")->file == second / "good.so");
  CHECK(catalog.find("nowhere") == nullptr);
}

TEST_CASE("a folder's files are taken by name, and only *.so") {
  const Folder folder;
  folder.copy("older", "b.so");
  folder.copy("newer", "a.so");
  folder.copy("good", "good.so.old");
  const PluginCatalog catalog = scan({.command_line = {folder.path()}});
  REQUIRE(catalog.candidates().size() == 2);
  CHECK(catalog.candidates()[0].name == "newer");
  CHECK(catalog.candidates()[1].name == "older");
}

TEST_CASE("a file may be named itself, whatever it is called") {
  const Folder folder;
  const auto file = folder.copy("good", "renamed.bin");
  const PluginCatalog catalog = scan({.command_line = {file}});
  REQUIRE(catalog.find("good"));
  CHECK(catalog.find("good")->file == file);
}

TEST_CASE("a refused file does not shadow a good one of the same file name") {
  const Folder first, second;
  first.write("good.so", "no plugin");
  second.copy("good", "good.so");
  const PluginCatalog catalog = scan({.command_line = {first.path(), second.path()}});
  REQUIRE(catalog.candidates().size() == 2);
  CHECK(catalog.candidates()[0].status == Status::refused);
  CHECK(catalog.find("good")->file == second / "good.so");
}

TEST_CASE("the same folder twice is listed once; a link is an entry of its own") {
  const Folder folder;
  folder.copy("good", "good.so");
  std::filesystem::create_symlink(folder / "good.so", folder / "link.so");
  const PluginCatalog catalog =
      scan({.command_line = {folder.path(), folder.path() / ".", folder / "good.so"}});
  REQUIRE(catalog.candidates().size() == 2);
  CHECK(catalog.candidates()[0].status == Status::usable);
  CHECK(catalog.candidates()[1].status == Status::shadowed);
}

TEST_CASE("an alias gives a file another name and hides nothing else") {
  const Folder folder;
  folder.copy("good", "good.so");
  PluginSearch search{.command_line = {folder.path()}};
  search.aliases = {{"better", folder / "good.so"}, {"lost", folder / "nowhere.so"}};
  const PluginCatalog catalog = scan(search);
  CHECK(catalog.find("better")->file == folder / "good.so");
  CHECK(catalog.find("better")->alias);
  CHECK(catalog.find("good")->file == folder / "good.so");
  CHECK(catalog.find("lost") == nullptr);
  CHECK(catalog.load("better")->descriptor().name == std::string("good"));
  CHECK(contains(load_error(catalog, "lost"), "nowhere.so was refused: no such file"));
}

TEST_CASE("an alias of a name comes before the files that bear it") {
  const Folder folder;
  folder.copy("good", "good.so");
  folder.copy("older", "older.so");
  PluginSearch search{.command_line = {folder.path()}};
  search.aliases = {{"good", folder / "older.so"}};
  const PluginCatalog catalog = scan(search);
  CHECK(catalog.find("good")->probed.name == "older");
  CHECK(catalog.load("good")->descriptor().name == std::string("older"));
}

TEST_CASE("folders that are not there are recorded") {
  const Folder folder;
  const PluginCatalog catalog = scan({.command_line = {folder / "missing"}});
  REQUIRE(catalog.searched().size() == 1);
  CHECK(catalog.searched()[0].problem == "does not exist");
  CHECK(contains(catalog_text(catalog),
                 (folder / "missing").string() + " (--plugin-path): does not exist"));
  CHECK(contains(catalog_text(catalog), "no plugin found"));
}

TEST_CASE("a link that leads nowhere is refused") {
  const Folder folder;
  std::filesystem::create_symlink(folder / "nowhere", folder / "broken.so");
  const PluginCatalog catalog = scan({.command_line = {folder.path()}});
  REQUIRE(catalog.candidates().size() == 1);
  CHECK(catalog.candidates()[0].status == Status::refused);
  CHECK(catalog.candidates()[0].reason == "no such file");
}

TEST_CASE("an unknown plugin: what there is, where it was searched, what was meant") {
  const Folder folder;
  folder.copy("good", "good.so");
  folder.copy("older", "older.so");
  folder.copy("crash-in-query", "crash.so");
  const PluginCatalog catalog = scan({.command_line = {folder.path(), folder / "missing"}});
  const std::string message = load_error(catalog, "odler");
  CHECK(contains(message, "no plugin 'odler' (did you mean 'older'?)"));
  CHECK(contains(message, "found: good older"));
  CHECK(contains(message, "searched: " + folder.path().string() + " "));
  CHECK(contains(message, (folder / "missing").string() + " (does not exist)"));
  CHECK(contains(load_error(catalog, "crash"),
                 "crash.so was refused: crashed with SIGSEGV while being probed"));
}

TEST_CASE("nothing found") {
  const PluginCatalog catalog = scan({});
  CHECK(catalog.candidates().empty());
  CHECK(contains(load_error(catalog, "good"), "no plugin 'good'; found: none"));
}

TEST_CASE("every synthetic plugin at once: each is listed, the good ones are usable") {
  const Variable timeout("SIROCCO_PROBE_TIMEOUT_MS", "2000");
  const PluginCatalog catalog = scan({.command_line = {SIROCCO_FAULT_DIR}});
  size_t refused = 0;
  for (const Candidate& candidate : catalog.candidates()) {
    CHECK((candidate.status == Status::refused) == !candidate.reason.empty());
    refused += candidate.status == Status::refused;
  }
  CHECK(refused >= 20);
  for (const char* name : {"good", "older", "newer", "prints", "brings-op", "counts"})
    CHECK(catalog.find(name) != nullptr);
}

TEST_CASE("the report for people") {
  const Folder folder;
  folder.copy("brings-op", "a.so");
  folder.copy("brings-op", "b.so");
  folder.copy("abort-in-query", "c.so");
  const std::string text = catalog_text(scan({.command_line = {folder.path()}}));
  CHECK(contains(text, fmt::format("plugin ABI of this host: {} to {}", SIROCCO_ABI_VERSION_MIN,
                                   SIROCCO_ABI_VERSION)));
  CHECK(contains(text, "brings-op 1.0"));
  CHECK(contains(text, "sirocco.ops/0"));
  CHECK(contains(text, "synthetic.twice"));
  CHECK(contains(text, "shadowed by " + (folder / "a.so").string()));
  CHECK(contains(
      text, (folder / "c.so").string() + "\n  refused: crashed with SIGABRT while being probed"));
}

TEST_CASE("the report for programs") {
  const Folder folder;
  folder.copy("older", "a.so");
  folder.copy("abort-in-query", "c.so");
  PluginSearch search{.command_line = {folder.path()}, .use_environment = false};
  ProbeOptions options;
  options.devices = true;
  const auto json = nlohmann::json::parse(catalog_json(PluginCatalog::scan(search, options)));
  CHECK(json["abi"][1] == SIROCCO_ABI_VERSION);
  CHECK(json["searched"][0]["path"] == folder.path().string());
  CHECK(json["searched"][0]["problem"] == "");
  REQUIRE(json["plugins"].size() == 2);
  const auto& older = json["plugins"][0];
  CHECK(older["name"] == "older");
  CHECK(older["status"] == "usable");
  CHECK(older["abi"][0] == SIROCCO_ABI_VERSION_MIN);
  CHECK(older["interfaces"][0] == "sirocco.backend/0");
  CHECK(older["devices"][0]["name"] == "elder");
  CHECK(json["plugins"][1]["status"] == "refused");
  CHECK(json["plugins"][1]["reason"] == "crashed with SIGABRT while being probed");
}

TEST_CASE("two engines of one process scan at the same time") {
  const Folder folder;
  folder.copy("good", "good.so");
  folder.copy("crash-in-query", "crash.so");
  bool first = false, second = false;
  const auto work = [&](bool* fine) {
    const PluginCatalog catalog = scan({.command_line = {folder.path()}});
    *fine = catalog.find("good") && catalog.candidates().size() == 2;
  };
  std::thread other(work, &first);
  work(&second);
  other.join();
  CHECK(first);
  CHECK(second);
}

}  // namespace sirocco
