// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminapi.h"

#include "server/admin/handlers.h"

namespace gatehouse {

struct AdminApi::Parts
{
    explicit Parts(AdminDependencies all)
        : dependencies(std::move(all))
        , router(dependencies.auth, dependencies.clock)
    {
    }
    AdminDependencies dependencies; ///< the handlers refer to it
    Router router;
};

AdminApi::AdminApi(AdminDependencies dependencies)
    : m_parts(std::make_unique<Parts>(std::move(dependencies)))
{
    for (const auto routesOf :
        { &healthRoutes, &monitoringRoutes, &publishRoutes, &overviewRoutes, &nodeRoutes, &limitsRoutes,
            &decisionRoutes, &connectionRoutes, &accessRoutes, &alertRoutes, &auditRoutes, &problemRoutes })
        m_parts->router.add(routesOf(m_parts->dependencies));
}

AdminApi::~AdminApi() = default;

RequestVerdict AdminApi::judge(const HttpRequest &head)
{
    return m_parts->router.judge(head);
}

void AdminApi::setStoreHanging(bool isHanging)
{
    m_parts->router.pending().setStoreHanging(isHanging);
}

void AdminApi::handleOfPeer(const PeerRequest &request, const Responder &respond)
{
    m_parts->router.dispatchOfPeer(request.http, request.who, respond);
}

const std::vector<Route> &AdminApi::routes() const
{
    return m_parts->router.routes();
}

} // namespace gatehouse
