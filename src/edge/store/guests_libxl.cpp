// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

extern "C" {
#include <libxl.h>
#include <libxl_utils.h>
#include <xentoollog.h>
}

#include "core/text/decimal.hpp"
#include "edge/base/error.hpp"
#include "edge/base/shared_library.hpp"
#include "edge/store/guests.hpp"

namespace vifchain::inline edge::inline store {
namespace {

// A logger that keeps the first error instead of printing it: those after it are what came of it.
class Words {
 public:
  [[nodiscard]] xentoollog_logger* logger() { return &logger_.head; }

  // What was said since the last call.
  std::string take() { return std::exchange(logger_.text, {}); }

 private:
  struct Logger {
    xentoollog_logger head;  // what libxl knows of it
    std::string text;
  };

  static void keep(xentoollog_logger* logger, xentoollog_level level, int error_number,
                   const char* context, const char* format, va_list values);

  Logger logger_{{keep, [](auto...) {}, [](auto*) {}}, {}};
};

void Words::keep(xentoollog_logger* logger, xentoollog_level level, int, const char*,
                 const char* format, va_list values) {
  std::string& text = reinterpret_cast<Logger*>(logger)->text;
  if (level < XTL_ERROR || !text.empty()) return;
  char line[512];
  if (std::vsnprintf(line, sizeof line, format, values) > 0) text = line;
}

// libxenlight's interface is one release's: the one this was compiled against is the one to load.
struct Xl {
  Xl() {
    library.find(ctx_alloc, "libxl_ctx_alloc");
    library.find(ctx_free, "libxl_ctx_free");
    library.find(domain_info, "libxl_domain_info");
    library.find(name_to_domid, "libxl_name_to_domid");
    library.find(domid_to_name, "libxl_domid_to_name");
  }

  SharedLibrary library{"libxenlight.so." XEN_RELEASE, "libxenmisc" XEN_RELEASE};
  decltype(&libxl_ctx_alloc) ctx_alloc = nullptr;
  decltype(&libxl_ctx_free) ctx_free = nullptr;
  decltype(&libxl_domain_info) domain_info = nullptr;
  decltype(&libxl_name_to_domid) name_to_domid = nullptr;
  decltype(&libxl_domid_to_name) domid_to_name = nullptr;
};

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

class XlGuests final : public GuestNames {
 public:
  XlGuests();
  ~XlGuests() override {
    if (context_ != nullptr) xl_.ctx_free(context_);
  }
  XlGuests(const XlGuests&) = delete;
  XlGuests& operator=(const XlGuests&) = delete;

  std::optional<unsigned> domid_of(const std::string& name_or_domid) override;
  std::optional<std::string> name_of(unsigned domid) override;

 private:
  bool exists(unsigned domid);
  [[noreturn]] void fail(const std::string& doing) { throw Error(EIO, doing, words_.take()); }

  Xl xl_;
  Words words_;
  libxl_ctx* context_ = nullptr;
};

XlGuests::XlGuests() {
  errno = 0;
  if (xl_.ctx_alloc(&context_, LIBXL_VERSION, 0, words_.logger()) == 0) return;
  const int error_number = errno;
  if (context_ != nullptr) xl_.ctx_free(context_);
  throw Error(error_number != 0 ? error_number : EIO, "asking Xen for its guests (is this dom0?)",
              words_.take());
}

// libxl takes any number for a domain's.
bool XlGuests::exists(unsigned domid) {
  const int result = xl_.domain_info(context_, nullptr, domid);
  if (result == ERROR_DOMAIN_NOTFOUND) return false;
  if (result != 0) fail("asking Xen for domain " + std::to_string(domid));
  return true;
}

std::optional<unsigned> XlGuests::domid_of(const std::string& name_or_domid) {
  if (const auto domid = decimal(name_or_domid)) return exists(*domid) ? domid : std::nullopt;
  std::uint32_t domid = 0;
  const int result = xl_.name_to_domid(context_, name_or_domid.c_str(), &domid);
  if (result == ERROR_INVAL || result == ERROR_DOMAIN_NOTFOUND) return std::nullopt;
  if (result != 0) fail("asking Xen for the guest " + name_or_domid);
  return domid;
}

std::optional<std::string> XlGuests::name_of(unsigned domid) {
  if (!exists(domid)) return std::nullopt;
  const std::unique_ptr<char, Free> name(xl_.domid_to_name(context_, domid));
  if (!name) return std::nullopt;
  return name.get();
}

}  // namespace

std::unique_ptr<GuestNames> open_guests() {
  return std::make_unique<XlGuests>();
}

}  // namespace vifchain::inline edge::inline store
