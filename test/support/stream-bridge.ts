/**
 * A switch that `--net stream:` calls: each caller gets a UDP port of its own towards the clients of `keyval`, which are told
 * of the ports that there are.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';

import { StreamPeer } from './frames.js';
import type { Keyval } from './keyval.js';

export class StreamBridge {
  private readonly ports = new Map<StreamPeer, DatagramSocket>();

  static async open(path: string, keyval: Keyval): Promise<StreamBridge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return new StreamBridge(server, keyval);
  }

  private constructor(
    private readonly server: Server,
    private readonly keyval: Keyval,
  ) {
    server.on('connection', (socket) => {
      const port = createSocket('udp4');
      const peer = new StreamPeer(socket, (frame) => port.send(frame, keyval.port, '127.0.0.1'));
      port.on('message', (frame) => peer.send(frame));
      port.bind(0, '127.0.0.1', () => {
        this.ports.set(peer, port);
        this.tell();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.ports.delete(peer);
        port.close();
        this.tell();
      });
    });
  }

  close(): void {
    for (const peer of this.ports.keys()) peer.close();
    this.server.close();
  }

  private tell(): void {
    this.keyval.destinations = Array.from(this.ports.values(), (port) => port.address().port);
  }
}
