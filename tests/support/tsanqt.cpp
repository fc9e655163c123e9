// SPDX-License-Identifier: GPL-3.0-or-later
// Part of every program that is built with ThreadSanitizer, and of no other.
//
// Debian's Qt is not instrumented: ThreadSanitizer does not see the lock of an event queue, and takes whatever is
// handed from one thread to another by QMetaObject::invokeMethod() for a race. The server hands things over in no other
// way, but for the store's queue, which has an ordinary mutex. So that real races are still found, such reports are not
// suppressed: this file says what Qt does. It takes the place of the one function behind all forms of invokeMethod()
// with a callable, and wraps the callable: what came before the posting happens before the call, and what the call did
// happens before a blocking poster goes on.
#include <QtCore/QObject>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

// The wrapper is made of Qt's private parts as they were up to 6.6.
#if QT_VERSION < QT_VERSION_CHECK(6, 7, 0)

namespace {

class OrderedCall final : public QtPrivate::QSlotObjectBase
{
public:
    explicit OrderedCall(QtPrivate::QSlotObjectBase *inner)
        : QSlotObjectBase(&handle)
        , m_inner(inner)
    {
    }
    void isPosted() { __tsan_release(this); }
    void isWaitedFor() { __tsan_acquire(this); }

private:
    static void handle(int operation, QSlotObjectBase *self, QObject *receiver, void **arguments, bool *)
    {
        auto *call = static_cast<OrderedCall *>(self);
        __tsan_acquire(call);
        if (operation == Call) {
            call->m_inner->call(receiver, arguments);
            __tsan_release(call);
        } else if (operation == Destroy) {
            call->m_inner->destroyIfLastRef();
            delete call;
        }
    }

    QtPrivate::QSlotObjectBase *m_inner;
};

} // namespace

bool QMetaObject::invokeMethodImpl(
    QObject *object, QtPrivate::QSlotObjectBase *slot, Qt::ConnectionType type, void *result)
{
    using Function = bool (*)(QObject *, QtPrivate::QSlotObjectBase *, Qt::ConnectionType, void *);
    static const auto qtsOwn = reinterpret_cast<Function>(dlsym(RTLD_NEXT,
        "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv"));
    auto *call = new OrderedCall(slot);
    call->ref(); // until a blocking call has come back
    call->isPosted();
    const bool isDone = qtsOwn(object, call, type, result);
    if (type == Qt::BlockingQueuedConnection)
        call->isWaitedFor();
    call->destroyIfLastRef();
    return isDone;
}

#endif
