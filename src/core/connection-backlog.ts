/**
 * Connections that the system accepts while the listening process is busy. Those of a larger crowd are rejected
 * unnoticed and come again after a second, two, four; Node's own figure is 511. The system may allow fewer
 * (`net.core.somaxconn` on Linux, 4096 where nobody changed it).
 */
export const connectionBacklog = 4096;
