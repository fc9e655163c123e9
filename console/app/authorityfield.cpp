// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/authorityfield.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

#include "console/connection/authority.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AuthorityField::AuthorityField(QWidget *parent)
    : QWidget(parent)
    , m_name(new QLineEdit)
    , m_choose(makeButton(tr("Choose…"), u"connect.authority.choose"_s))
    , m_clear(makeButton(tr("None"), u"connect.authority.clear"_s))
{
    m_name->setObjectName(u"connect.authority"_s);
    m_name->setAccessibleName(tr("Authority"));
    m_name->setReadOnly(true);
    m_name->setPlaceholderText(tr("those that this computer trusts"));
    m_choose->setAccessibleName(tr("Choose the certificate of a private authority"));
    m_clear->setAccessibleName(tr("No private authority"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_name, 1);
    layout->addWidget(m_choose);
    layout->addWidget(m_clear);
    connect(m_choose, &QPushButton::clicked, this, &AuthorityField::choose);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        setAuthority({});
        m_choose->setFocus();
        Q_EMIT changed();
    });
    setAuthority({});
}

QList<QWidget *> AuthorityField::tabOrder() const
{
    return { m_name, m_choose, m_clear };
}

void AuthorityField::setAuthority(const QByteArray &pem)
{
    m_authority = pem;
    const Result<Authority> authority = pem.isEmpty() ? Result<Authority>(Authority()) : readAuthority(pem);
    const QString subject = authority ? authority->subject : QString();
    m_name->setText(subject);
    m_name->setCursorPosition(0);
    m_clear->setEnabled(!pem.isEmpty());
    m_name->setToolTip(QString());
    if (subject.isEmpty())
        return;
    const QDateTime end = QDateTime::fromMSecsSinceEpoch(authority->expiresAt.time_since_epoch().count());
    m_name->setToolTip(tr("%1, until %2").arg(subject, QLocale().toString(end.date(), QLocale::ShortFormat)));
}

void AuthorityField::choose()
{
    auto *dialog = new QFileDialog(this, tr("The certificate of a private authority"), QString(),
        tr("Certificates in PEM (*.pem *.crt *.cer);;All files (*)"));
    dialog->setObjectName(u"connect.authority.file"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &AuthorityField::take);
    dialog->open();
}

void AuthorityField::take(const QString &path)
{
    const Result<Authority> authority = readAuthorityFile(path);
    if (!authority) {
        Q_EMIT refused(authority.error().message);
        return;
    }
    setAuthority(authority->pem);
    Q_EMIT changed();
}

} // namespace gatehouse
