// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QtWidgets/QApplication>

#include "console/app/language.h"
#include "console/app/options.h"

namespace gatehouse {

/// The composition root of the console. Owns everything; GUI thread.
class ConsoleApp final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConsoleApp)

public:
    ConsoleApp(QApplication &application, ConsoleOptions options);
    ~ConsoleApp() override;

    /// Shows the window and connects as the options say. The error is for standard error.
    [[nodiscard]] Status start();

private:
    struct Parts;
    void connectParts();
    void startLocalServer();
    void connectAtStart();
    void trustAuthorities();
    void notify(const QString &title, const QString &text);
    void takeScreenshots();

    QApplication &m_application;
    ConsoleOptions m_options;
    std::optional<Language> m_language;
    std::unique_ptr<Parts> m_parts;
};

} // namespace gatehouse
