<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<TS version="2.1" language="en_US">
<context>
    <name>gatehouse::AlertsPage</name>
    <message numerus="yes">
        <source>%n active</source>
        <translation>
            <numerusform>%n active</numerusform>
            <numerusform>%n active</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::LockCorner</name>
    <message numerus="yes">
        <source>A production server is read-only until you unlock it (Ctrl+L), and again after %n minute(s) without a key or click.</source>
        <translation>
            <numerusform>A production server is read-only until you unlock it (Ctrl+L), and again after %n minute without a key or click.</numerusform>
            <numerusform>A production server is read-only until you unlock it (Ctrl+L), and again after %n minutes without a key or click.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::MainWindow</name>
    <message numerus="yes">
        <source>%n staged limit(s)</source>
        <translation>
            <numerusform>%n staged limit</numerusform>
            <numerusform>%n staged limits</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::NavigationBar</name>
    <message numerus="yes">
        <source>%n raised</source>
        <translation>
            <numerusform>%n raised</numerusform>
            <numerusform>%n raised</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n to acknowledge</source>
        <translation>
            <numerusform>%n to acknowledge</numerusform>
            <numerusform>%n to acknowledge</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::Notices</name>
    <message numerus="yes">
        <source>%n alert(s)</source>
        <translation>
            <numerusform>%n alert</numerusform>
            <numerusform>%n alerts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln refusal(s) in the last minute</source>
        <translation>
            <numerusform>%Ln refusal in the last minute</numerusform>
            <numerusform>%Ln refusals in the last minute</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Connection lost, next try in %n second(s)</source>
        <translation>
            <numerusform>Connection lost, next try in %n second</numerusform>
            <numerusform>Connection lost, next try in %n seconds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The token ends in %n minute(s)</source>
        <translation>
            <numerusform>The token ends in %n minute</numerusform>
            <numerusform>The token ends in %n minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::RefusalsPage</name>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n waiting</numerusform>
            <numerusform>%n waiting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::StagedPanel</name>
    <message numerus="yes">
        <source>%n staged change(s)</source>
        <translation>
            <numerusform>%n staged change</numerusform>
            <numerusform>%n staged changes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Apply %n change(s)</source>
        <translation>
            <numerusform>Apply %n change</numerusform>
            <numerusform>Apply %n changes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::TrayIcon</name>
    <message numerus="yes">
        <source>%n connection(s)</source>
        <translation>
            <numerusform>%n connection</numerusform>
            <numerusform>%n connections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::ViolationsChart</name>
    <message numerus="yes">
        <source>%n s</source>
        <translation>
            <numerusform>%n s</numerusform>
            <numerusform>%n s</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n min</source>
        <translation>
            <numerusform>%n min</numerusform>
            <numerusform>%n min</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <translation>
            <numerusform>%n h</numerusform>
            <numerusform>%n h</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::ImportDialog</name>
    <message numerus="yes">
        <source>The file holds %n server(s). Tokens are never in it.</source>
        <translation>
            <numerusform>The file holds %n server. Its token is not in it.</numerusform>
            <numerusform>The file holds %n servers. Their tokens are not in it.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::ProfileTransfer</name>
    <message numerus="yes">
        <source>%n server(s) exported, without tokens.</source>
        <translation>
            <numerusform>%n server exported, without its token.</numerusform>
            <numerusform>%n servers exported, without tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n server(s) imported, without tokens.</source>
        <translation>
            <numerusform>%n server imported, without a token.</numerusform>
            <numerusform>%n servers imported, without tokens.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>gatehouse::SubjectPanel</name>
    <message numerus="yes">
        <source>%n open</source>
        <translation>
            <numerusform>%n open</numerusform>
            <numerusform>%n open</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n in force</source>
        <translation>
            <numerusform>%n in force</numerusform>
            <numerusform>%n in force</numerusform>
        </translation>
    </message>
</context>
</TS>
