// SPDX-License-Identifier: Apache-2.0
// What is put right in a draft before it is written, as a vifchain.toml says it in another way.
#pragma once

#include "convert/import/draft_config.hpp"

namespace vifchain::inline convert {

// Bonds have what the module's options say of all; addresses are on the link that has them in the
// end; MTUs and VLAN 1 are said where a vifchain.toml would mean another by saying nothing; names
// that no file can have, or that lie, are left out with a remark.
void tidy(DraftConfig& draft);

}  // namespace vifchain::inline convert
