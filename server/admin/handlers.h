// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/admin/adminapi.h"

namespace gatehouse {

/// The routes of each concern. The handlers refer to `parts`, which must outlive the routes. Main thread.
[[nodiscard]] std::vector<Route> healthRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> monitoringRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> publishRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> overviewRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> limitsRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> decisionRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> connectionRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> accessRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> alertRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> nodeRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> auditRoutes(const AdminDependencies &parts);
[[nodiscard]] std::vector<Route> problemRoutes(const AdminDependencies &parts);

} // namespace gatehouse
