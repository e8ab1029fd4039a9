/** By layout of a log: places and names of the columns that peers read. */
export const LAYOUTS = {
  events: { places: [0, 1, 3, 4, 5], names: ['timestamp', 'user_id', 'device', 'ip', 'country'] },
  logins: { places: [1, 2, 12, 4, 5], names: ['Login Timestamp', 'User ID', 'Device Type', 'IP Address', 'Country'] },
};
