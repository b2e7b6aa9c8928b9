import { render } from 'preact';
import { Page } from './parts/page.js';

render(<Page />, document.getElementById('page') as HTMLElement);
