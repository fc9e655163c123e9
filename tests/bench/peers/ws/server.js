// SPDX-License-Identifier: GPL-3.0-or-later
// The bench's small contract on npm's ws. Usage: node server.js PORT
'use strict';

const { WebSocketServer } = require('ws');

const greeting = JSON.stringify({ type: 'notifications_list', notifications: [] });
const pong = JSON.stringify({ type: 'pong' });
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096, perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'ping') {
      socket.send(pong);
    } else if (message.type === 'pub') {
      const text = JSON.stringify({ type: 'notification', notification: message.body });
      for (const client of server.clients) client.send(text);
    }
  });
  socket.send(greeting);
});
