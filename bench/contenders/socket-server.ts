/**
 * What sockets alone cost in Node.js: every piece of data that comes is answered with the same HTTP text, whatever it was.
 *
 *   node socket-server.js ANSWER_BYTES
 */
import { type AddressInfo, createServer } from 'node:net';

const body = JSON.stringify('-'.repeat(Math.max(0, Number(process.argv[2] ?? 100) - 2)));
const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nConnection: keep-alive`;
const answer = `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer, 'latin1'));
  // The caller has gone, which is all there is to know.
  socket.on('error', () => {});
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ address: `http://${address}:${port}` }));
});
